/** A CloudFormation template, as far as a removal changes it. */
export interface Template {
  Resources: Record<string, { Type: string; Properties: Properties }>;
}
// biome-ignore lint/suspicious/noExplicitAny: properties are as various as types of resources
type Properties = any;

/** One place in a source file: the text must be there exactly once. */
export interface SourceRemoval {
  file: string;
  find: string;
  put: string;
}

/** What is changed in the synthesised stack. */
export interface TemplateRemoval {
  change: (template: Template) => void;
}

export type Removal = SourceRemoval | TemplateRemoval;

export const isSource = (removal: Removal): removal is SourceRemoval => 'file' in removal;

/** A protection in the code of a function. @param put what stands there instead */
export const source = (file: string, find: string, put = ''): SourceRemoval => ({ file, find, put });

// biome-ignore lint/suspicious/noExplicitAny: a state has what its type has
type States = Record<string, any>;

/** A protection in a state machine. */
export const machine = (kind: 'elevation' | 'recovery', change: (states: States) => void): TemplateRemoval => ({
  change: (template) => {
    const { Properties } = one(template, 'AWS::StepFunctions::StateMachine', (name) =>
      name.startsWith(`StepUp${kind}`),
    );
    const definition = JSON.parse(Properties.DefinitionString);
    change(definition.States);
    Properties.DefinitionString = JSON.stringify(definition);
  },
});

interface Statement {
  Action: string | string[];
  Condition?: Record<string, Record<string, unknown>>;
}

/** A protection in what a function may do: in the statements that allow it this action. */
export const permission = (fn: string, action: string, change: (statement: Statement) => void): TemplateRemoval => ({
  change: (template) => {
    const { Properties } = one(template, 'AWS::IAM::Role', (name) => name.startsWith(`StepUp${fn}Role`));
    const statements = Properties.Policies[0].PolicyDocument.Statement as Statement[];
    for (const statement of statements.filter(({ Action }) => [Action].flat().includes(action))) change(statement);
  },
});

/** Takes one key from the conditions of a statement. */
export const withoutCondition =
  (operator: string, key: string) =>
  ({ Condition }: Statement): void => {
    delete Condition?.[operator]?.[key];
  };

/** A rule of EventBridge. */
export const rule = (logicalId: string): TemplateRemoval => ({
  change: ({ Resources }) => {
    for (const name of Object.keys(Resources)) {
      if (name.startsWith(`StepUpNets${logicalId}`)) delete Resources[name];
    }
  },
});

/** A guard of every ceiling. */
export const guard = (sid: string): TemplateRemoval => ({
  change: ({ Resources }) => {
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type !== 'AWS::IAM::ManagedPolicy') continue;
      const { PolicyDocument } = Properties;
      PolicyDocument.Statement = PolicyDocument.Statement.filter(({ Sid }: { Sid?: string }) => Sid !== sid);
    }
  },
});

function one({ Resources }: Template, type: string, isMeant: (logicalId: string) => boolean) {
  const found = Object.entries(Resources).filter(([name, { Type }]) => Type === type && isMeant(name));
  const [entry] = found;
  if (!entry || found.length > 1) throw new Error(`The template has ${found.length} ${type} of that name`);
  return entry[1];
}
