import assert from "node:assert/strict";
import type { DescribeStackEventsCommand } from "@aws-sdk/client-cloudformation";
import type { CloudFormation } from "../../../src/aws/cloudFormation";
import { StackEvents } from "../../../src/aws/stackEvents";

const ID = "arn:aws:cloudformation:us-east-2:111122223333:stack/keys/1";
const PAGE = 2;

suite("The events of a stack", () => {
  /** The oldest first; one more status at each look. */
  function events(before: readonly string[], later: readonly string[]): StackEvents {
    const all = [...before];
    const coming = [...later];
    const event = (status: string, n: number) => ({
      EventId: `event-${n}`,
      StackId: ID,
      StackName: "keys",
      PhysicalResourceId: ID,
      LogicalResourceId: "keys",
      ResourceType: "AWS::CloudFormation::Stack",
      ResourceStatus: status,
      Timestamp: new Date(0),
    });
    const send = ({ input: { NextToken } }: DescribeStackEventsCommand) => {
      const from = Number(NextToken ?? 0);
      const newestFirst = all.map(event).reverse();
      const next = from + PAGE < newestFirst.length ? { NextToken: String(from + PAGE) } : {};
      return Promise.resolve({ StackEvents: newestFirst.slice(from, from + PAGE), ...next });
    };
    const stub = {
      client: { send },
      request: (_: string, signal: AbortSignal, ask: (signal: AbortSignal) => unknown) => ask(signal),
      pause: () => {
        const status = coming.shift();
        if (status !== undefined) all.push(status);
        return Promise.resolve();
      },
    };
    return new StackEvents(stub as unknown as CloudFormation);
  }

  const follow = async (stack: StackEvents, since: string | undefined): Promise<[string, string[]]> => {
    const told: string[] = [];
    const { status } = await stack.follow(
      { id: ID, name: "keys" },
      since,
      new AbortController().signal,
      (event) => told.push(event.status),
    );
    return [status, told];
  };

  test("are told from the newest one before on, the oldest first, over several pages", async () => {
    const before = ["CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"];
    const later = ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"];
    const stack = events(before, later);
    const since = await stack.newest({ id: ID, name: "keys" });
    assert.equal(since, "event-3");
    assert.deepEqual(await follow(stack, since), ["UPDATE_COMPLETE", later]);
  });

  test("of a new stack are all told", async () => {
    const later = ["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"];
    assert.deepEqual(await follow(events([], later), undefined), ["ROLLBACK_COMPLETE", later]);
  });
});
