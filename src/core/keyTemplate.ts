/** What the key template says about its parameters, and the rules of CloudFormation for names. */

export interface TemplateParameter {
  readonly name: string;
  /** For people: "Alias of the key". */
  readonly label: string;
  /** What it belongs to: "Key", "Identity", "Users". */
  readonly group: string;
  readonly description: string;
  readonly defaultValue: string;
  /** `undefined`: any text that passes `checkParameter`. */
  readonly allowedValues: readonly string[] | undefined;
  /** Why a value cannot be taken; `undefined` when it can. */
  readonly check: (value: string) => string | undefined;
}

export type ParameterValues = Readonly<Record<string, string>>;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html */
interface Declaration {
  readonly Type: "String" | "Number";
  readonly Default: string | number;
  readonly Description: string;
  readonly AllowedValues?: readonly string[];
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
  readonly MinLength?: number;
  readonly MaxLength?: number;
  readonly MinValue?: number;
  readonly MaxValue?: number;
}

/** The sections of infra.yaml that the build turns into JSON. */
export interface KeyTemplate {
  readonly Parameters: Readonly<Record<string, Declaration>>;
  readonly Metadata: {
    readonly "AWS::CloudFormation::Interface": {
      readonly ParameterGroups: readonly {
        readonly Label: { readonly default: string };
        readonly Parameters: readonly string[];
      }[];
      readonly ParameterLabels: Readonly<Record<string, { readonly default: string }>>;
    };
  };
}

/** In the order of the template's groups. */
export function parametersOf({ Parameters, Metadata }: KeyTemplate): TemplateParameter[] {
  const { ParameterGroups, ParameterLabels } = Metadata["AWS::CloudFormation::Interface"];
  return ParameterGroups.flatMap((group) =>
    group.Parameters.flatMap((name) => {
      const declaration = Parameters[name];
      return declaration === undefined
        ? []
        : {
            name,
            label: ParameterLabels[name]?.default ?? name,
            group: group.Label.default,
            description: declaration.Description,
            defaultValue: String(declaration.Default),
            allowedValues: declaration.AllowedValues,
            check: (value: string) => checkValue(declaration, value),
          };
    }),
  );
}

/** The values to begin with: those that a stack has, else the template's. */
export function initialValues(
  parameters: readonly TemplateParameter[],
  current: ParameterValues,
): ParameterValues {
  return Object.fromEntries(
    parameters.map(({ name, defaultValue }) => [name, current[name] ?? defaultValue]),
  );
}

function checkValue(declaration: Declaration, value: string): string | undefined {
  const { Type, AllowedValues, AllowedPattern, ConstraintDescription } = declaration;
  if (AllowedValues) {
    return AllowedValues.includes(value) ? undefined : `It must be ${AllowedValues.join(" or ")}`;
  }
  if (Type === "Number") return checkNumber(declaration, value);
  const { MinLength = 0, MaxLength = 4096 } = declaration;
  if (value.length < MinLength || value.length > MaxLength)
    return `It must have ${MinLength} to ${MaxLength} characters`;
  if (AllowedPattern === undefined || new RegExp(AllowedPattern).test(value)) return undefined;
  return `It ${ConstraintDescription ?? `must match ${AllowedPattern}`}`;
}

function checkNumber({ MinValue = 0, MaxValue = Infinity }: Declaration, value: string): string | undefined {
  const isInRange = /^\d{1,9}$/.test(value) && Number(value) >= MinValue && Number(value) <= MaxValue;
  return isInRange ? undefined : `It must be a whole number from ${MinValue} to ${MaxValue}`;
}

export const DEFAULT_STACK_NAME = "kms-selection";

/** Why CloudFormation would not take it: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
export function checkStackName(name: string): string | undefined {
  return /^[a-zA-Z][a-zA-Z0-9-]{0,127}$/.test(name)
    ? undefined
    : "A stack's name begins with a letter and goes on with letters, digits and hyphens, 128 characters at most";
}
