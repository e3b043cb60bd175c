// The smallest useful plugin, in JavaScript: welcomes new members with points and a message.
import { Actions, plugin } from "./perennial.js";

export const handler = plugin({
  onEvent(context, member, event) {
    const actions = new Actions();
    if (event.name === "member-joined") {
      const points = context.config.welcome_points;
      actions.awardPoints(points, "Welcome");
      actions.message("welcome", { points });
    }
    return actions;
  },
});
