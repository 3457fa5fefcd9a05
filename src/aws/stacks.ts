/**
 * CloudFormation stacks and their change sets. A bundle of its own, loaded when the first stack is asked for; the
 * credentials come from the AWS bundle, which has the providers already.
 */
import { randomUUID } from "node:crypto";
import {
  CancelUpdateStackCommand,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  ListChangeSetsCommand,
} from "@aws-sdk/client-cloudformation";
import type { Stack } from "../core/keyStack";
import type { ParameterValues } from "../core/keyTemplate";
import type { StackChange } from "../core/stackChanges";
import { CloudFormation } from "./cloudFormation";
import type { Connection } from "./connection";
import type { Credentials } from "./credentials";
import { isProblem, present, problem, toChange, toStack } from "./stackAnswers";
import { plain } from "./stackErrors";
import { StackEvents } from "./stackEvents";

/** Milliseconds between two looks. */
const CHANGE_SET_INTERVAL = 700;

/** By which our change sets are told from those of others. */
const CHANGE_SET_PREFIX = "kms-selection-";

export interface ChangeSet {
  readonly id: string;
  readonly stackId: string;
  readonly stackName: string;
}

export interface ChangeSetRequest {
  readonly stackName: string;
  readonly type: "CREATE" | "UPDATE";
  readonly template: string;
  readonly values: ParameterValues;
}

/** Every method throws `KmsSelectionError`, `cancelled` when its signal is aborted. */
export class Stacks {
  readonly events: StackEvents;
  private readonly cloudFormation: CloudFormation;

  /** Throws `setting-invalid`, of an endpoint. */
  constructor(connection: Connection, credentials: Credentials) {
    this.cloudFormation = new CloudFormation(connection, credentials);
    this.events = new StackEvents(this.cloudFormation);
  }

  /** By name, or by ARN, which finds a deleted one too. `undefined`: there is none. */
  async find(nameOrId: string, signal: AbortSignal): Promise<Stack | undefined> {
    try {
      const { Stacks } = await this.cloudFormation.request(nameOrId, signal, (abortSignal) =>
        this.cloudFormation.client.send(new DescribeStacksCommand({ StackName: nameOrId }), { abortSignal }),
      );
      return toStack(present(Stacks?.[0]));
    } catch (error) {
      if (isProblem(error, "not-found")) return undefined;
      throw error;
    }
  }

  /** All of the account and Region, deleted ones aside. */
  async list(signal: AbortSignal): Promise<Stack[]> {
    return this.cloudFormation.pages("", signal, async (NextToken, abortSignal) => {
      const page = await this.cloudFormation.client.send(new DescribeStacksCommand({ NextToken }), {
        abortSignal,
      });
      return { items: present(page.Stacks).map(toStack), next: page.NextToken };
    });
  }

  /** Whether all that waits for review on a stack was made here, by whichever window. */
  async isReviewOfOurs({ id, name }: Stack, signal: AbortSignal): Promise<boolean> {
    const names = await this.changeSetNames(id, name, signal);
    return names.every((each) => each.startsWith(CHANGE_SET_PREFIX));
  }

  /** Not to be aborted: AWS could make it all the same, and nobody would remove it. */
  async createChangeSet({ stackName, type, template, values }: ChangeSetRequest): Promise<ChangeSet> {
    const id = `${CHANGE_SET_PREFIX}${randomUUID()}`;
    const { Id, StackId } = await this.cloudFormation.request(stackName, undefined, () =>
      this.cloudFormation.client.send(
        new CreateChangeSetCommand({
          StackName: stackName,
          ChangeSetName: id,
          ChangeSetType: type,
          Description: "Made by KMS Selection",
          // A request that is sent again, because its answer got lost, makes no second one.
          ClientToken: id,
          TemplateBody: template,
          Capabilities: ["CAPABILITY_IAM"],
          Parameters: Object.entries(values).map(([ParameterKey, ParameterValue]) => ({
            ParameterKey,
            ParameterValue,
          })),
        }),
      ),
    );
    return { id: present(Id), stackId: present(StackId), stackName };
  }

  /** Waits until CloudFormation knows. None: the stack is up to date. */
  async changesOf(changeSet: ChangeSet, signal: AbortSignal): Promise<StackChange[]> {
    for (;;) {
      const { Status, StatusReason = "" } = await this.describeChangeSet(changeSet, undefined, signal);
      if (Status === "CREATE_COMPLETE") break;
      if (Status === "FAILED") {
        if (NO_CHANGES.test(StatusReason)) return [];
        throw problem({ kind: "refused", reason: plain(StatusReason) });
      }
      if (present(Status).startsWith("DELETE_"))
        throw problem({ kind: "changed", name: changeSet.stackName });
      await this.cloudFormation.pause(CHANGE_SET_INTERVAL, signal);
    }
    return this.cloudFormation.pages(changeSet.stackName, signal, async (NextToken, abortSignal) => {
      const page = await this.describeChangeSet(changeSet, NextToken, abortSignal);
      return { items: (page.Changes ?? []).flatMap(toChange), next: page.NextToken };
    });
  }

  /**
   * Takes back what is not executed: the change set, and the stack that came to be with it. Leaves a stack that has
   * resources, and one on which another change set waits.
   */
  async discard({ id, stackId, stackName }: ChangeSet): Promise<void> {
    await this.cloudFormation.request(stackName, undefined, () =>
      this.cloudFormation.client.send(new DeleteChangeSetCommand({ ChangeSetName: id, StackName: stackId })),
    );
    const never = new AbortController().signal;
    const stack = await this.find(stackId, never);
    if (stack?.status !== "REVIEW_IN_PROGRESS") return;
    const others = await this.changeSetNames(stackId, stackName, never, id);
    if (others.length === 0) await this.delete(stack);
  }

  /** Answers with the newest event before it: those after it are of this execution. Not to be aborted. */
  async execute({ id, stackId, stackName }: ChangeSet): Promise<string | undefined> {
    const since = await this.events.newest({ id: stackId, name: stackName });
    await this.cloudFormation.request(stackName, undefined, () =>
      this.cloudFormation.client.send(
        new ExecuteChangeSetCommand({
          ChangeSetName: id,
          StackName: stackId,
          // Else a stack that fails would leave its key behind, which the template retains.
          RetainExceptOnCreate: true,
        }),
      ),
    );
    return since;
  }

  async delete({ id, name }: Pick<Stack, "id" | "name">): Promise<void> {
    await this.cloudFormation.request(name, undefined, () =>
      this.cloudFormation.client.send(new DeleteStackCommand({ StackName: id })),
    );
  }

  async cancelUpdate({ id, name }: Pick<Stack, "id" | "name">): Promise<void> {
    await this.cloudFormation.request(name, undefined, () =>
      this.cloudFormation.client.send(new CancelUpdateStackCommand({ StackName: id })),
    );
  }

  dispose(): void {
    this.cloudFormation.dispose();
  }

  private describeChangeSet(
    { id, stackId, stackName }: ChangeSet,
    NextToken: string | undefined,
    signal: AbortSignal,
  ) {
    return this.cloudFormation.request(stackName, signal, (abortSignal) =>
      this.cloudFormation.client.send(
        new DescribeChangeSetCommand({ ChangeSetName: id, StackName: stackId, NextToken }),
        {
          abortSignal,
        },
      ),
    );
  }

  private async changeSetNames(
    stackId: string,
    name: string,
    signal: AbortSignal,
    except?: string,
  ): Promise<string[]> {
    return this.cloudFormation.pages(name, signal, async (NextToken, abortSignal) => {
      const page = await this.cloudFormation.client.send(
        new ListChangeSetsCommand({ StackName: stackId, NextToken }),
        {
          abortSignal,
        },
      );
      // A deletion may take a moment to be seen.
      const waiting = (page.Summaries ?? []).filter(({ ChangeSetId }) => ChangeSetId !== except);
      return { items: waiting.map(({ ChangeSetName = "" }) => ChangeSetName), next: page.NextToken };
    });
  }
}

/** CloudFormation says it in the reason alone: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html */
const NO_CHANGES = /didn't contain changes|no updates are to be performed/i;
