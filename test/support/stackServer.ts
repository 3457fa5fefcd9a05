/**
 * A CloudFormation on loopback that makes no resources: it resolves the template that it is sent, and lets time pass
 * with each look at the events. It can be told to fail, to wait and to refuse.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import { parseTemplate, resolveTemplate, type Stack as Resolved } from "./cloudFormation";

export interface StackRequest {
  readonly action: string;
  readonly input: URLSearchParams;
}

export class StackError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What happens instead; it may also wait, and then let the request go on. */
export type StackFault =
  StackError | { readonly wait: Promise<unknown> } | { readonly body: string } | { readonly cut: true };

export interface FailingResource {
  readonly resource: string;
  readonly reason: string;
}

interface Event {
  readonly EventId: string;
  readonly StackId: string;
  readonly StackName: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly ResourceType: string;
  readonly ResourceStatus: string;
  readonly ResourceStatusReason?: string;
  readonly Timestamp: string;
}

export interface ServedStack {
  readonly id: string;
  readonly name: string;
  status: string;
  parameters: Record<string, string>;
  outputs: Record<string, string>;
  /** The newest last. */
  readonly events: Event[];
  readonly changeSets: Map<string, ServedChangeSet>;
  resolved: Resolved | undefined;
  /** What is still to happen, one at each look at the events. */
  steps: (() => void)[];
}

interface Change {
  readonly Action: "Add" | "Modify" | "Remove";
  readonly LogicalResourceId: string;
  readonly ResourceType: string;
  readonly Replacement?: "True" | "False";
}

interface ServedChangeSet {
  readonly id: string;
  readonly name: string;
  readonly resolved: Resolved;
  readonly parameters: Record<string, string>;
  readonly changes: readonly Change[];
}

export interface StackServer {
  readonly url: string;
  readonly requests: readonly StackRequest[];
  /** All that are or were, the newest last. */
  readonly stacks: readonly ServedStack[];
  /** The one with this name that is not deleted. */
  stack(name: string): ServedStack | undefined;
  /** One that is there already. */
  add(
    stack: Pick<ServedStack, "name" | "status"> & Partial<Pick<ServedStack, "parameters" | "outputs">>,
  ): ServedStack;
  /** A change set of somebody else. */
  addChangeSet(stack: ServedStack, name: string): void;
  /** Faults for every request from now on; `n` counts the requests of an action, from 1. */
  fail(faults: ((request: StackRequest, n: number) => StackFault | undefined) | undefined): void;
  /** A resource that cannot be made, or changed, from now on. */
  failResource(failing: FailingResource | undefined): void;
  /** Nothing happens to stacks before this is called again with `false`. */
  hold(held: boolean): void;
  /** All that is still to happen to a stack happens, also while it is held. */
  finish(name: string): void;
  /** The requests so far. */
  forget(): void;
  /** Nothing is there, and nothing goes wrong any more. */
  reset(): void;
  close(): Promise<void>;
}

export const STACK_ACCOUNT = "111122223333";
const XMLNS = "http://cloudformation.amazonaws.com/doc/2010-05-15/";
const STACK = "AWS::CloudFormation::Stack";

export const stackErrors = {
  denied: (action: string) =>
    new StackError(
      "AccessDenied",
      `User: arn:aws:iam::${STACK_ACCOUNT}:user/dev is not authorized to perform: cloudformation:${action} on resource: arn:aws:cloudformation:us-east-2:${STACK_ACCOUNT}:stack/kms-selection/* because no identity-based policy allows the cloudformation:${action} action`,
      403,
    ),
  expired: () => new StackError("ExpiredToken", "The security token included in the request is expired", 403),
  throttled: () => new StackError("Throttling", "Rate exceeded"),
};

const missing = (name: string) => new StackError("ValidationError", `Stack with id ${name} does not exist`);

export async function startStackServer(region = "us-east-2"): Promise<StackServer> {
  const requests: StackRequest[] = [];
  let stacks: ServedStack[] = [];
  let faults: Parameters<StackServer["fail"]>[0];
  let asked = new Map<string, number>();
  let failing: FailingResource | undefined;
  let held = false;

  const named = (name: string) =>
    stacks.findLast((stack) => stack.name === name && stack.status !== "DELETE_COMPLETE");
  const find = (nameOrId: string): ServedStack => {
    const found = stacks.find(({ id }) => id === nameOrId) ?? named(nameOrId);
    if (!found) throw missing(nameOrId);
    return found;
  };

  function add(name: string, status: string): ServedStack {
    const id = `arn:aws:cloudformation:${region}:${STACK_ACCOUNT}:stack/${name}/${randomUUID()}`;
    const stack: ServedStack = {
      id,
      name,
      status,
      parameters: {},
      outputs: {},
      events: [],
      changeSets: new Map(),
      resolved: undefined,
      steps: [],
    };
    stacks.push(stack);
    tell(stack, name, STACK, status);
    return stack;
  }

  function tell(stack: ServedStack, resource: string, type: string, status: string, reason?: string): void {
    if (type === STACK) stack.status = status;
    stack.events.push({
      EventId: randomUUID(),
      StackId: stack.id,
      StackName: stack.name,
      LogicalResourceId: resource,
      PhysicalResourceId: type === STACK ? stack.id : `physical-${resource}`,
      ResourceType: type,
      ResourceStatus: status,
      ...(reason !== undefined && { ResourceStatusReason: reason }),
      Timestamp: new Date().toISOString(),
    });
  }

  function resolve(body: string, name: string, parameters: Record<string, string>): Resolved {
    const template = parseTemplate(body);
    const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${STACK_ACCOUNT}:${rest}`;
    const physical: Record<string, string> = {
      "AWS::AccountId": STACK_ACCOUNT,
      "AWS::Partition": "aws",
      "AWS::Region": region,
      "AWS::StackName": name,
      Key: "11111111-1111-4111-8111-111111111111",
      "Key.Arn": arn("kms", "key/11111111-1111-4111-8111-111111111111"),
      Alias: parameters.AliasName ?? "",
    };
    for (const id of Object.keys(template.Resources)) {
      physical[id] ??= id.endsWith("Secret")
        ? arn("secretsmanager", `secret:${id}-1a2b3c`)
        : `${name}-${id}-1`;
      physical[`${id}.SecretAccessKey`] = "SECRET-ACCESS-KEY";
    }
    return resolveTemplate(template, parameters, physical);
  }

  function changesBetween(before: Resolved | undefined, after: Resolved): Change[] {
    const old = before?.resources ?? {};
    const changed = Object.entries(after.resources).flatMap(
      ([LogicalResourceId, { type, properties }]): Change[] => {
        const was = old[LogicalResourceId];
        if (!was) return [{ Action: "Add", LogicalResourceId, ResourceType: type }];
        if (isDeepStrictEqual(was.properties, properties)) return [];
        const replaces = ["MultiRegion", "AliasName"].some(
          (each) => was.properties[each] !== properties[each],
        );
        const Replacement = replaces ? "True" : "False";
        return [{ Action: "Modify", LogicalResourceId, ResourceType: type, Replacement }];
      },
    );
    const removed = Object.entries(old)
      .filter(([name]) => !(name in after.resources))
      .map(([LogicalResourceId, { type }]): Change => ({
        Action: "Remove",
        LogicalResourceId,
        ResourceType: type,
      }));
    return [...changed, ...removed];
  }

  /** Steps of an execution: each resource, and how it all ends. */
  function execute(stack: ServedStack, { changes, ...next }: ServedChangeSet): void {
    const verb = stack.status === "REVIEW_IN_PROGRESS" ? "CREATE" : "UPDATE";
    stack.changeSets.clear();
    if (verb === "CREATE") stack.parameters = next.parameters; // also if it fails
    tell(stack, stack.name, STACK, `${verb}_IN_PROGRESS`, "User Initiated");
    for (const { LogicalResourceId: resource, ResourceType: type } of changes) {
      if (failing?.resource === resource) {
        const { reason } = failing;
        stack.steps.push(() => {
          tell(stack, resource, type, `${verb}_FAILED`, reason);
          tell(stack, "Alias", "AWS::KMS::Alias", `${verb}_FAILED`, "Resource creation cancelled");
        });
        const rollback = verb === "CREATE" ? "ROLLBACK" : "UPDATE_ROLLBACK";
        stack.steps.push(
          () => {
            tell(stack, stack.name, STACK, `${rollback}_IN_PROGRESS`);
          },
          () => {
            tell(stack, stack.name, STACK, `${rollback}_COMPLETE`);
          },
        );
        return;
      }
      stack.steps.push(() => {
        tell(stack, resource, type, `${verb}_IN_PROGRESS`);
        tell(stack, resource, type, `${verb}_COMPLETE`);
      });
    }
    stack.steps.push(() => {
      Object.assign(stack, { resolved: next.resolved, parameters: next.parameters });
      stack.outputs = Object.fromEntries(
        Object.entries(next.resolved.outputs).map(([name, { value }]) => [name, value as string]),
      );
      tell(stack, stack.name, STACK, `${verb}_COMPLETE`);
    });
  }

  function remove(stack: ServedStack): void {
    const isEmpty = stack.status === "REVIEW_IN_PROGRESS";
    const hasKey = stack.events.some(
      ({ LogicalResourceId, ResourceStatus }) =>
        LogicalResourceId === "Key" && ResourceStatus === "CREATE_COMPLETE",
    );
    tell(stack, stack.name, STACK, "DELETE_IN_PROGRESS", "User Initiated");
    const end = () => {
      if (hasKey) tell(stack, "Key", "AWS::KMS::Key", "DELETE_SKIPPED");
      tell(stack, stack.name, STACK, "DELETE_COMPLETE");
    };
    stack.steps = isEmpty ? [] : [end];
    if (isEmpty) end();
  }

  const operations: Record<string, (input: URLSearchParams) => object> = {
    DescribeStacks(input) {
      const name = input.get("StackName");
      const found =
        name === null ? stacks.filter(({ status }) => status !== "DELETE_COMPLETE") : [find(name)];
      return { Stacks: found.map(describe) };
    },
    DescribeStackEvents(input) {
      const stack = find(input.get("StackName")!);
      if (!held) for (const step of stack.steps.splice(0, 4)) step();
      return { StackEvents: stack.events.toReversed() };
    },
    CreateChangeSet(input) {
      const name = input.get("StackName")!;
      const create = input.get("ChangeSetType") === "CREATE";
      const there = named(name);
      if (create && there && there.status !== "REVIEW_IN_PROGRESS")
        throw new StackError("ValidationError", `Stack [${name}] already exists and cannot be created again`);
      if (!create && !there) throw missing(name);
      if (input.get("Capabilities.member.1") !== "CAPABILITY_IAM")
        throw new StackError("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]");
      const parameters = parametersIn(input);
      const body = input.get("TemplateBody")!;
      const resolved = resolve(body, name, parameters);
      const stack = there ?? add(name, "REVIEW_IN_PROGRESS");
      const changeSetName = input.get("ChangeSetName")!;
      const id = `arn:aws:cloudformation:${region}:${STACK_ACCOUNT}:changeSet/${changeSetName}/${randomUUID()}`;
      const changes = changesBetween(stack.resolved, resolved);
      stack.changeSets.set(id, { id, name: changeSetName, resolved, parameters, changes });
      return { Id: id, StackId: stack.id };
    },
    DescribeChangeSet(input) {
      const [stack, { changes }] = changeSet(input);
      const none = {
        Status: "FAILED",
        StatusReason:
          "The submitted information didn't contain changes. Submit different information to create a change set.",
      };
      return {
        StackId: stack.id,
        ...(changes.length === 0 ? none : { Status: "CREATE_COMPLETE" }),
        Changes: changes.map((ResourceChange) => ({ Type: "Resource", ResourceChange })),
      };
    },
    ListChangeSets(input) {
      const { changeSets } = find(input.get("StackName")!);
      return {
        Summaries: [...changeSets.values()].map(({ id, name }) => ({ ChangeSetId: id, ChangeSetName: name })),
      };
    },
    ExecuteChangeSet(input) {
      const [stack, found] = changeSet(input);
      execute(stack, found);
      return {};
    },
    DeleteChangeSet(input) {
      find(input.get("StackName")!).changeSets.delete(input.get("ChangeSetName")!);
      return {};
    },
    DeleteStack(input) {
      remove(find(input.get("StackName")!));
      return {};
    },
    CancelUpdateStack(input) {
      const stack = find(input.get("StackName")!);
      stack.steps = [
        () => {
          tell(stack, stack.name, STACK, "UPDATE_ROLLBACK_COMPLETE");
        },
      ];
      tell(stack, stack.name, STACK, "UPDATE_ROLLBACK_IN_PROGRESS");
      return {};
    },
  };

  function changeSet(input: URLSearchParams): [ServedStack, ServedChangeSet] {
    const stack = find(input.get("StackName")!);
    const id = input.get("ChangeSetName")!;
    const found = stack.changeSets.get(id);
    if (found) return [stack, found];
    throw new StackError("ChangeSetNotFound", `ChangeSet [${id}] does not exist`, 404);
  }

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const input = new URLSearchParams(await text(message));
    const action = input.get("Action") ?? "";
    const request = { action, input };
    requests.push(request);
    const n = (asked.get(action) ?? 0) + 1;
    asked.set(action, n);
    const fault = faults?.(request, n);
    if (fault && "wait" in fault) await fault.wait;
    if (fault && "cut" in fault) {
      message.socket.destroy();
      return;
    }
    const answer = (status: number, body: string): void => {
      response.writeHead(status, { "content-type": "text/xml" }).end(body);
    };
    try {
      if (fault instanceof StackError) throw fault;
      if (fault && "body" in fault) {
        answer(200, fault.body);
        return;
      }
      const result = operations[action]!(input);
      answer(
        200,
        `<${action}Response xmlns="${XMLNS}"><${action}Result>${xml(result)}</${action}Result><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
      );
    } catch (error) {
      if (!(error instanceof StackError)) throw error;
      const { code, message, status } = error;
      const detail = { Type: "Sender", Code: code, Message: message };
      answer(
        status,
        `<ErrorResponse xmlns="${XMLNS}">${xml({ Error: detail, RequestId: randomUUID() })}</ErrorResponse>`,
      );
    }
  }

  const server = createServer((message, response) => {
    serve(message, response).catch((error: unknown) => {
      console.error("The CloudFormation of the tests failed:", error);
      message.socket.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // one of another kind is for pipes

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get stacks() {
      return stacks;
    },
    stack: named,
    add: ({ name, status, parameters = {}, outputs = {} }) =>
      Object.assign(add(name, status), { parameters, outputs }),
    addChangeSet(stack, name) {
      const id = `arn:aws:cloudformation:${region}:${STACK_ACCOUNT}:changeSet/${name}/1`;
      const nothing = { resources: {}, outputs: {} };
      stack.changeSets.set(id, { id, name, resolved: nothing, parameters: {}, changes: [] });
    },
    fail(next) {
      faults = next;
      asked = new Map();
    },
    failResource(next) {
      failing = next;
    },
    hold(next) {
      held = next;
    },
    finish(name) {
      for (const step of named(name)?.steps.splice(0) ?? []) step();
    },
    forget() {
      requests.length = 0;
    },
    reset() {
      stacks = [];
      requests.length = 0;
      faults = failing = undefined;
      held = false;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function describe(stack: ServedStack): object {
  return {
    StackId: stack.id,
    StackName: stack.name,
    StackStatus: stack.status,
    CreationTime: new Date(0).toISOString(),
    Parameters: pairs(stack.parameters, "Parameter"),
    Outputs: pairs(stack.outputs, "Output"),
  };
}

function pairs(values: Record<string, string>, name: "Parameter" | "Output"): object[] {
  return Object.entries(values).map(([key, value]) => ({ [`${name}Key`]: key, [`${name}Value`]: value }));
}

function parametersIn(input: URLSearchParams): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (let n = 1; ; n++) {
    const name = input.get(`Parameters.member.${n}.ParameterKey`);
    if (name === null) return parameters;
    parameters[name] = input.get(`Parameters.member.${n}.ParameterValue`) ?? "";
  }
}

/** As the query protocol has it: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
function xml(value: unknown): string {
  if (Array.isArray(value)) return value.map((each) => `<member>${xml(each)}</member>`).join("");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([name, inner]) => `<${name}>${xml(inner)}</${name}>`)
      .join("");
  return String(value).replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
