/**
 * CloudFormation stacks. A bundle of its own, loaded when the first stack is asked for; the credentials come from the
 * AWS bundle, which has the providers already.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  CancelUpdateStackCommand,
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  ListChangeSetsCommand,
} from "@aws-sdk/client-cloudformation";
import { KmsSelectionError } from "../core/errors";
import { STACK_TYPE, type Ended, type Stack, type StackEvent } from "../core/keyStack";
import type { ParameterValues } from "../core/keyTemplate";
import type { StackChange } from "../core/stackChanges";
import type { Connection } from "./connection";
import type { Credentials } from "./credentials";
import { endpointOf } from "./endpoints";
import { requestHandler } from "./requestHandler";
import { isProblem, present, problem, toChange, toEvent, toStack } from "./stackAnswers";
import { plain, translateStackError } from "./stackErrors";
import type { Profile } from "./sharedConfig";
import { whenAborted } from "./whenAborted";

/** Milliseconds between two looks. */
const CHANGE_SET_INTERVAL = 700;
const EVENTS_INTERVAL = 1500;

/** Looks in a row that may fail while a stack is watched: what AWS does goes on without being watched. */
const MAX_FAILED_LOOKS = 5;

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
  private readonly client: CloudFormationClient;
  private readonly profile: Profile;
  private readonly credentials: Credentials;

  /** Throws `setting-invalid`, of an endpoint. */
  constructor(connection: Connection, credentials: Credentials) {
    const { profile, region, settings } = connection;
    const endpoint = endpointOf("cloudformation", connection);
    this.client = new CloudFormationClient({
      ...(profile === undefined ? {} : { profile }),
      // Otherwise the SDK would look into the profile of AWS_PROFILE, which need not be the one in use.
      ...(endpoint ? { endpoint: endpoint.url } : { ignoreConfiguredEndpointUrls: true }),
      region,
      credentials: credentials.provider,
      requestHandler: requestHandler(connection),
    });
    this.profile = settings;
    this.credentials = credentials;
  }

  /** By name, or by ARN, which finds a deleted one too. `undefined`: there is none. */
  async find(nameOrId: string, signal: AbortSignal): Promise<Stack | undefined> {
    try {
      const { Stacks } = await this.request(nameOrId, signal, (abortSignal) =>
        this.client.send(new DescribeStacksCommand({ StackName: nameOrId }), { abortSignal }),
      );
      return toStack(present(Stacks?.[0]));
    } catch (error) {
      if (isProblem(error, "not-found")) return undefined;
      throw error;
    }
  }

  /** All of the account and Region, deleted ones aside. */
  async list(signal: AbortSignal): Promise<Stack[]> {
    return this.pages("", signal, async (NextToken, abortSignal) => {
      const page = await this.client.send(new DescribeStacksCommand({ NextToken }), { abortSignal });
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
    const { Id, StackId } = await this.request(stackName, undefined, () =>
      this.client.send(
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
      await this.pause(CHANGE_SET_INTERVAL, signal);
    }
    return this.pages(changeSet.stackName, signal, async (NextToken, abortSignal) => {
      const page = await this.describeChangeSet(changeSet, NextToken, abortSignal);
      return { items: (page.Changes ?? []).flatMap(toChange), next: page.NextToken };
    });
  }

  /**
   * Takes back what is not executed: the change set, and the stack that came to be with it. Leaves a stack that has
   * resources, and one on which another change set waits.
   */
  async discard({ id, stackId, stackName }: ChangeSet): Promise<void> {
    await this.request(stackName, undefined, () =>
      this.client.send(new DeleteChangeSetCommand({ ChangeSetName: id, StackName: stackId })),
    );
    const never = new AbortController().signal;
    const stack = await this.find(stackId, never);
    if (stack?.status !== "REVIEW_IN_PROGRESS") return;
    const others = await this.changeSetNames(stackId, stackName, never, id);
    if (others.length === 0) await this.delete(stack);
  }

  /** Answers with the newest event before it: those after it are of this execution. Not to be aborted. */
  async execute({ id, stackId, stackName }: ChangeSet): Promise<string | undefined> {
    const since = (await this.eventsSince(stackId, undefined, stackName)).at(-1)?.id;
    await this.request(stackName, undefined, () =>
      this.client.send(
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

  /** Tells of each new event, the oldest first, until the stack rests or is gone. */
  async follow(
    { id, name }: Pick<Stack, "id" | "name">,
    since: string | undefined,
    signal: AbortSignal,
    tell: (event: StackEvent) => void,
  ): Promise<Ended> {
    const events: StackEvent[] = [];
    for (let failures = 0; ;) {
      try {
        const news = await this.eventsSince(id, events.at(-1)?.id ?? since, name, signal);
        failures = 0;
        events.push(...news);
        news.forEach(tell);
        const last = news.findLast((event) => event.type === STACK_TYPE && event.physicalId === id);
        if (last && !last.status.endsWith("_IN_PROGRESS")) return { status: last.status, events };
      } catch (error) {
        if (isProblem(error, "not-found")) return { status: "DELETE_COMPLETE", events };
        if (signal.aborted || ++failures >= MAX_FAILED_LOOKS) throw error;
      }
      await this.pause(EVENTS_INTERVAL, signal);
    }
  }

  /** Of the stack's newest event, from which on to follow what is done to it next. */
  async newestEvent({ id, name }: Pick<Stack, "id" | "name">): Promise<string | undefined> {
    return (await this.eventsSince(id, undefined, name)).at(-1)?.id;
  }

  async delete({ id, name }: Pick<Stack, "id" | "name">): Promise<void> {
    await this.request(name, undefined, () => this.client.send(new DeleteStackCommand({ StackName: id })));
  }

  async cancelUpdate({ id, name }: Pick<Stack, "id" | "name">): Promise<void> {
    await this.request(name, undefined, () =>
      this.client.send(new CancelUpdateStackCommand({ StackName: id })),
    );
  }

  dispose(): void {
    this.client.destroy();
  }

  private describeChangeSet(
    { id, stackId, stackName }: ChangeSet,
    NextToken: string | undefined,
    signal: AbortSignal,
  ) {
    return this.request(stackName, signal, (abortSignal) =>
      this.client.send(new DescribeChangeSetCommand({ ChangeSetName: id, StackName: stackId, NextToken }), {
        abortSignal,
      }),
    );
  }

  private async changeSetNames(
    stackId: string,
    name: string,
    signal: AbortSignal,
    except?: string,
  ): Promise<string[]> {
    return this.pages(name, signal, async (NextToken, abortSignal) => {
      const page = await this.client.send(new ListChangeSetsCommand({ StackName: stackId, NextToken }), {
        abortSignal,
      });
      // A deletion may take a moment to be seen.
      const waiting = (page.Summaries ?? []).filter(({ ChangeSetId }) => ChangeSetId !== except);
      return { items: waiting.map(({ ChangeSetName = "" }) => ChangeSetName), next: page.NextToken };
    });
  }

  /** The oldest first. CloudFormation answers with the newest first. */
  private async eventsSince(
    stackId: string,
    since: string | undefined,
    name: string,
    signal?: AbortSignal,
  ): Promise<StackEvent[]> {
    const news: StackEvent[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.request(name, signal, (abortSignal) =>
        this.client.send(new DescribeStackEventsCommand({ StackName: stackId, NextToken }), { abortSignal }),
      );
      for (const event of present(page.StackEvents).map(toEvent)) {
        if (event.id === since) return news.reverse();
        news.push(event);
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return news.reverse();
  }

  private async pages<Item>(
    name: string,
    signal: AbortSignal,
    load: (
      token: string | undefined,
      signal: AbortSignal,
    ) => Promise<{ items: Item[]; next: string | undefined }>,
  ): Promise<Item[]> {
    const all: Item[] = [];
    let token: string | undefined;
    do {
      const { items, next } = await this.request(name, signal, (abortSignal) => load(token, abortSignal));
      all.push(...items);
      token = next;
    } while (token !== undefined);
    return all;
  }

  private async pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    await delay(milliseconds, undefined, { signal }).catch(() => {
      throw new KmsSelectionError({ code: "cancelled" });
    });
  }

  /** Ends when the signal is aborted, also while the SDK waits for credentials. */
  private async request<Result>(
    name: string,
    signal: AbortSignal | undefined,
    send: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const controlled = signal ?? new AbortController().signal;
    const { generation } = this.credentials;
    try {
      return await whenAborted(controlled, send(controlled));
    } catch (error) {
      if (controlled.aborted) throw new KmsSelectionError({ code: "cancelled" });
      const translated = translateStackError(error, this.profile, name);
      // The next try has new ones.
      if (translated.failure.code === "credentials-expired") this.credentials.renew(generation);
      throw translated;
    }
  }
}

/** CloudFormation says it in the reason alone: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html */
const NO_CHANGES = /didn't contain changes|no updates are to be performed/i;
