// Does what its configuration says, most of which no plugin should.
import { Actions, plugin } from "../../../examples/plugin-js/src/perennial.js";

let calls = 0;

const deeds = {
  "loop": () => { for (;;); },
  "match for ever": () => /^(a+)+$/.test(`${"a".repeat(60)}b`),
  "allocate": () => { for (const all = [];;) all.push(new Uint8Array(1 << 20)); },
  "call itself": () => { const deeper = (by) => deeper(by + 1) + 1; return deeper(0); },
  "throw": () => { throw new Error("the sky is falling"); },
  "refuse": () => { throw { code: "no-mood", message: "not today" }; },
  "ask for the time": () => Date.now(),
  "make a date of now": () => new Date(),
  "throw dice": () => Math.random(),
  "give half a point": (actions) => actions.awardPoints(0.5, "Half"),
  "ask for what there is not": (actions) => actions.add("k", "launch-missiles", null),
  // A plugin keeps nothing between calls, so that this is always the first.
  "behave": (actions, context) => {
    const day = new Date(context.now / 1000);
    actions.add("state", "set-state", JSON.stringify({ calls: ++calls, today: context.today, day }));
  },
};

export const handler = plugin({
  onEvent(context) {
    const actions = new Actions();
    deeds[context.config.does](actions, context);
    return actions;
  },
});
