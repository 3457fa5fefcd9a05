/**
 * What CloudFormation would make of a template: its intrinsic functions resolved for given parameters. Knows the
 * functions that our templates use, and refuses any other.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
import { parse, type ScalarTag, type CollectionTag, YAMLMap, YAMLSeq } from "yaml";

export type Value = string | number | boolean | null | Value[] | { [name: string]: Value };
export type Mapping = Record<string, Value>;

interface Parameter {
  Type: string;
  Default?: string | number;
  Description: string;
}

interface Definition {
  Type: string;
  Condition?: string;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  Properties?: Mapping;
}

interface Output {
  Condition?: string;
  Value: Value;
  Export?: Value;
}

export interface Template {
  Parameters: Record<string, Parameter>;
  Conditions?: Mapping;
  Resources: Record<string, Definition>;
  Outputs?: Record<string, Output>;
}

export interface Stack {
  /** Those whose condition holds, by logical ID. */
  readonly resources: Record<string, { readonly type: string; readonly properties: Mapping }>;
  readonly outputs: Record<string, { readonly value: Value; readonly exportName: Value | undefined }>;
}

const functions = ["Ref", "Sub", "Join", "GetAtt", "If", "Equals", "And", "Not", "Condition"];

/** `!Sub …` is short for `{ Fn::Sub: … }`; Ref and Condition have no prefix. */
const longForm = (name: string) => (name === "Ref" || name === "Condition" ? name : `Fn::${name}`);

const shortForms = functions.flatMap((name): (ScalarTag | CollectionTag)[] => [
  { tag: `!${name}`, resolve: (value) => ({ [longForm(name)]: value }) },
  {
    tag: `!${name}`,
    collection: "seq",
    resolve: (sequence) => {
      if (!(sequence instanceof YAMLSeq)) throw new Error(`!${name} wants a list`);
      const mapping = new YAMLMap();
      mapping.set(longForm(name), sequence);
      return mapping;
    },
  },
]);

export function parseTemplate(text: string): Template {
  return parse(text, { customTags: shortForms }) as Template; // cfn-lint looks after its form
}

/**
 * @param parameters instead of the template's defaults
 * @param physical what `!Ref NAME` and `!GetAtt NAME.ATTRIBUTE` give, by "NAME" and "NAME.ATTRIBUTE", with the pseudo
 *   parameters among them ("AWS::Region"); a name that is in neither is an error
 */
export function resolveTemplate(
  template: Template,
  parameters: Record<string, string>,
  physical: Record<string, string>,
): Stack {
  const values = { ...physical };
  for (const [name, { Default }] of Object.entries(template.Parameters)) {
    const value = parameters[name] ?? Default;
    if (value === undefined) throw new Error(`The parameter ${name} has no value`);
    values[name] = String(value);
  }
  for (const name of Object.keys(parameters))
    if (!(name in template.Parameters)) throw new Error(`There is no parameter ${name}`);

  const look = (name: string, own: Record<string, string> = {}): string => {
    const value = own[name] ?? values[name];
    if (value === undefined) throw new Error(`Nothing is known as ${name}`);
    return value;
  };

  const condition = (name: string): boolean => {
    const found = template.Conditions?.[name];
    if (found === undefined) throw new Error(`There is no condition ${name}`);
    return resolve(found) === true;
  };

  const substitute = (argument: Value): string => {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
    const variables = resolve(own ?? {}) as Record<string, string>;
    return (text as string).replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, name: string) =>
      literal ? `\${${name}}` : look(name, variables),
    );
  };

  const apply = (name: string, argument: Value): Value | undefined => {
    const list = Array.isArray(argument) ? argument : [argument];
    switch (name) {
      case "Ref":
        return argument === "AWS::NoValue" ? undefined : look(argument as string);
      case "Fn::GetAtt":
        return look((list as string[]).join("."));
      case "Fn::Sub":
        return substitute(argument);
      case "Fn::Join":
        return (resolve(list[1]!) as string[]).join(list[0] as string);
      case "Fn::If":
        return resolve(list[condition(list[0] as string) ? 1 : 2]!);
      case "Fn::Equals":
        return resolve(list[0]!) === resolve(list[1]!);
      case "Fn::And":
        return list.every((item) => resolve(item) === true);
      case "Fn::Not":
        return resolve(list[0]!) !== true;
      case "Condition":
        return condition(argument as string);
      default:
        throw new Error(`The function ${name} is not known here`);
    }
  };

  /** Undefined where the template says AWS::NoValue: the property is then left out. */
  const resolve = (value: Value): Value | undefined => {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== undefined);
    if (value === null || typeof value !== "object") return value;
    const entries = Object.entries(value);
    const [only] = entries;
    const isCall = /^(Ref$|Fn::)/.test(only?.[0] ?? "") || (only?.[0] === "Condition" && isName(only[1]));
    if (only && entries.length === 1 && isCall) return apply(...only);
    return Object.fromEntries(
      entries.flatMap(([name, inner]) => {
        const resolved = resolve(inner);
        return resolved === undefined ? [] : [[name, resolved]];
      }),
    );
  };
  const isName = (argument: Value) => typeof argument === "string" && argument in (template.Conditions ?? {});

  const existing = <T extends { Condition?: string }>(all: Record<string, T> = {}) =>
    Object.entries(all).filter(([, { Condition }]) => Condition === undefined || condition(Condition));

  return {
    resources: Object.fromEntries(
      existing(template.Resources).map(([name, { Type, Properties }]) => [
        name,
        { type: Type, properties: resolve(Properties ?? {}) as Mapping },
      ]),
    ),
    outputs: Object.fromEntries(
      existing(template.Outputs).map(([name, { Value, Export }]) => [
        name,
        { value: resolve(Value)!, exportName: Export && (resolve(Export) as Mapping).Name },
      ]),
    ),
  };
}
