/** What holds for every input: a short run, and what long ones found. `npm run fuzz` is a long one. */
import { corpusOf } from "../fuzz/corpus";
import { properties } from "../fuzz/properties";
import { targets } from "../fuzz/targets";

const CASES = 1000;

suite("For any input", () => {
  for (const [title, property] of Object.entries(properties)) {
    test(title, () => property(CASES));
  }
  for (const [name, target] of Object.entries(targets)) {
    test(`${name} takes what fuzzing found`, () => {
      for (const input of corpusOf(name)) target(input);
    });
  }
});
