/** What happens to a stack, as it happens. */
import { DescribeStackEventsCommand } from "@aws-sdk/client-cloudformation";
import { STACK_TYPE, type Ended, type Stack, type StackEvent } from "../core/keyStack";
import type { CloudFormation } from "./cloudFormation";
import { isProblem, present, toEvent } from "./stackAnswers";

/** Milliseconds between two looks. */
const INTERVAL = 1500;

/** Looks in a row that may fail while a stack is watched: what AWS does goes on without being watched. */
const MAX_FAILED_LOOKS = 5;

export class StackEvents {
  private readonly cloudFormation: CloudFormation;

  constructor(cloudFormation: CloudFormation) {
    this.cloudFormation = cloudFormation;
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
        const news = await this.since(id, events.at(-1)?.id ?? since, name, signal);
        failures = 0;
        events.push(...news);
        news.forEach(tell);
        const last = news.findLast((event) => event.type === STACK_TYPE && event.physicalId === id);
        if (last && !last.status.endsWith("_IN_PROGRESS")) return { status: last.status, events };
      } catch (error) {
        if (isProblem(error, "not-found")) return { status: "DELETE_COMPLETE", events };
        if (signal.aborted || ++failures >= MAX_FAILED_LOOKS) throw error;
      }
      await this.cloudFormation.pause(INTERVAL, signal);
    }
  }

  /** Of the stack's newest event, from which on to follow what is done to it next. */
  async newest({ id, name }: Pick<Stack, "id" | "name">): Promise<string | undefined> {
    return (await this.since(id, undefined, name)).at(-1)?.id;
  }

  /** The oldest first. CloudFormation answers with the newest first. */
  private async since(
    stackId: string,
    since: string | undefined,
    name: string,
    signal?: AbortSignal,
  ): Promise<StackEvent[]> {
    const news: StackEvent[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.cloudFormation.request(name, signal, (abortSignal) =>
        this.cloudFormation.client.send(new DescribeStackEventsCommand({ StackName: stackId, NextToken }), {
          abortSignal,
        }),
      );
      for (const event of present(page.StackEvents).map(toEvent)) {
        if (event.id === since) return news.reverse();
        news.push(event);
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return news.reverse();
  }
}
