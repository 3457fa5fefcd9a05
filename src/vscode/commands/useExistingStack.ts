/** Use Existing Stack: reads the outputs of a key stack into choices or settings. */
import type { Stacks } from "../../aws/stacks";
import { KmsSelectionError } from "../../core/errors";
import { keyStackOf, type Stack } from "../../core/keyStack";
import { checkStackName } from "../../core/keyTemplate";
import type { App } from "../app";
import { askForPlace, rememberStack } from "../keyStack/place";
import { reportingStackFailure } from "../keyStack/reportingStackFailure";
import { offerKeyStack } from "../keyStack/useKeyStack";
import { pickOrType, type Offered } from "../pickOrType";
import { cancellable } from "../progress";

const TITLE = "Use Existing Stack";

export async function useExistingStack(app: App): Promise<void> {
  const place = await askForPlace(app, TITLE);
  if (!place) return;
  const work = async (): Promise<void> => {
    const stacks = await app.connections.stacks(place);
    try {
      const name = await pickStack(stacks, place.region);
      if (name === undefined) return;
      const stack = await cancellable(`Reading the stack ${name}…`, (signal) => stacks.find(name, signal));
      if (!stack) throw new KmsSelectionError({ code: "stack", problem: { kind: "not-found", name } });
      const outputs = keyStackOf(stack);
      if (!outputs)
        throw new KmsSelectionError({ code: "stack", problem: { kind: "not-a-key-stack", name } });
      await rememberStack(app, place, name);
      void offerKeyStack(
        app,
        `${outputs.keyAlias} in ${outputs.region}, of the stack ${name}.`,
        outputs,
        place,
      );
    } finally {
      stacks.dispose();
    }
  };
  await reportingStackFailure(app, "use the stack", place, work, () => useExistingStack(app));
}

/** `undefined`: dismissed. */
async function pickStack(stacks: Stacks, region: string): Promise<string | undefined> {
  const listing = new AbortController();
  try {
    return await pickOrType({
      title: TITLE,
      placeholder: `Choose a key stack in ${region}, or type the name of one`,
      offered: listStacks(stacks, listing.signal),
      validate: checkStackName,
    });
  } finally {
    listing.abort();
  }
}

async function* listStacks(stacks: Stacks, signal: AbortSignal): AsyncGenerator<Offered[]> {
  const all = await stacks.list(signal);
  yield all.flatMap((stack) => offeredStack(stack));
}

function offeredStack(stack: Stack): Offered[] {
  const outputs = keyStackOf(stack);
  if (!outputs) return [];
  const { users, contextKey, keyAlias } = outputs;
  const identities = users && [...new Set([users.encryptor.identity, users.decryptor.identity])].join(", ");
  const kind = contextKey === undefined ? "replica" : identities;
  return [{ value: stack.name, description: [keyAlias, kind].filter(Boolean).join(", ") }];
}
