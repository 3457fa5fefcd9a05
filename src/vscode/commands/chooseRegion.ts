/** Choose Region: where the key is, remembered for the workspace. */
import * as vscode from "vscode";
import { explainFailure } from "../../core/describeFailure";
import { toKmsSelectionError } from "../../core/errors";
import { parseKeyId } from "../../core/keyId";
import { region as checkRegion } from "../../core/settings";
import type { App } from "../app";
import { inForce } from "../inForce";
import { pickOrType, type Offered } from "../pickOrType";

/** `false`: dismissed. Choosing a Region leaves the sandbox. */
export async function chooseRegion(app: App): Promise<boolean> {
  const recent = app.choices.recent("region");
  const region = await pickRegion({ title: "Choose Region", placeholder: placeholder(app), recent });
  if (region === undefined) return false;
  await app.choices.choose("region", region);
  return true;
}

/** `undefined`: dismissed. */
export function pickRegion(shown: {
  readonly title: string;
  readonly placeholder: string;
  readonly recent: readonly string[];
}): Promise<string | undefined> {
  return pickOrType({ ...shown, offered: listRegions(shown.recent), validate });
}

/** An ARN has the last word on the Region, so that a choice would do nothing. */
function placeholder(app: App): string {
  const choices = { get: () => ({ ...app.choices.get(), sandbox: false }) };
  const { target } = inForce(choices, vscode.window.activeTextEditor?.document);
  const ofArn = target.key && parseKeyId(target.key.value)?.region;
  return ofArn
    ? `The key's ARN says ${ofArn}; a Region chosen here counts for keys without one`
    : "Choose the Region of the key, or type its code";
}

function validate(text: string): string | undefined {
  try {
    checkRegion(text, "the Region");
    return undefined;
  } catch (error) {
    return explainFailure(toKmsSelectionError(error));
  }
}

/** With those chosen before that AWS does not list, as an emulator may have. */
async function* listRegions(recent: readonly string[]): AsyncGenerator<Offered[]> {
  const connection = await import("../../aws/connection");
  const listed = (await connection.listRegions()).map(({ region, description }): Offered => ({
    value: region,
    description,
  }));
  const unlisted = recent.filter((each) => !listed.some(({ value }) => value === each));
  yield [...listed, ...unlisted.map((value) => ({ value }))];
}
