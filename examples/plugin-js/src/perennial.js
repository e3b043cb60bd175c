// What lies between plain JavaScript and the contract in sdk/wit: JSON is read and written here, what a
// hook throws becomes a refusal that says why, and what a plugin has not says so.
import { log } from "perennial:plugin/log";

// The exported handler, of those hooks that a plugin has.
export function plugin({ onEvent, appraise, view }) {
  return {
    onEvent: hook((context, member, event) => {
      const data = JSON.parse(event.data);
      return onEvent ? onEvent(told(context), member, { ...event, data }).list : [];
    }),
    appraise: hook((context, member, purchase) =>
      appraise ? appraise(told(context), member, purchase) : []),
    view: hook((context, member, records) =>
      JSON.stringify(view ? view(told(context), member, records.map(read)) : null)),
  };
}

// What the platform is asked to do, in order. Each action has a key, by which it is carried out once.
export class Actions {
  list = [];

  awardPoints(points, reason, key = this.#numbered("award")) {
    if (!Number.isSafeInteger(points)) throw new TypeError(`${points} is no number of points`);
    return this.add(key, "award-points", { points, reason: { tag: "text", val: reason } });
  }

  // To the member, or to one of its contacts, by the contact's id.
  message(template, parameters = {}, contact = null, key = this.#numbered(`message:${template}`)) {
    const values = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
    const to = contact === null ? { tag: "member" } : { tag: "contact", val: contact };
    return this.add(key, "send-message", { message: { template, parameters: values }, to });
  }

  // Any effect of the contract, as sdk/wit/plugin.wit has it, with names in camel case.
  add(key, effect, value) {
    this.list.push({ key, effect: { tag: effect, val: value } });
    return this;
  }

  #numbered(name) {
    const keys = new Set(this.list.map((action) => action.key));
    let [key, number] = [name, 1];
    while (keys.has(key)) key = `${name}:${++number}`;
    return key;
  }
}

// Refuse with `throw { code, message }` what somebody has to repair.
function hook(answer) {
  return (...given) => {
    try {
      return answer(...given);
    } catch (thrown) {
      if (!(thrown instanceof Error)) throw thrown;
      log("error", `${thrown}\n${thrown.stack}`);
      throw { code: "javascript-error", message: String(thrown) };
    }
  };
}

function told(context) {
  return { ...context, config: JSON.parse(context.config), state: parsed(context.state) };
}

function read(record) {
  return { ...record, data: JSON.parse(record.data), state: parsed(record.state) };
}

function parsed(json) {
  return json === null ? null : JSON.parse(json);
}

// The same call gives the same answer: there is no clock, and a generator would have been seeded when
// the component was made.
function none(what) {
  return () => {
    throw new Error(what);
  };
}

const noClock = none("a plugin has no clock: the time of the call is context.now, in microseconds");
const Calendar = Date;
Calendar.now = noClock;
globalThis.Date = new Proxy(Calendar, {
  apply: noClock,
  construct: (_, given) => (given.length > 0 ? new Calendar(...given) : noClock()),
});
Math.random = none("a plugin has no randomness but context.seed");
