import type { World } from '../world';
import type { Resource, Template } from './assembly';

/** What a created resource answers to Ref and Fn::GetAtt. */
export interface Created {
  ref: string;
  attributes?: Record<string, string>;
}

/** Puts values in the place of CloudFormation's intrinsic functions; one that is not here is refused. */
export class Resolver {
  readonly created = new Map<string, Created>();
  private readonly pseudo: Record<string, string>;

  constructor(
    { partition, region, account }: World,
    stackName: string,
    private readonly template: Template,
  ) {
    this.pseudo = {
      'AWS::Partition': partition,
      'AWS::Region': region,
      'AWS::AccountId': account,
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stackName,
    };
  }

  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (typeof value !== 'object' || value === null) return value;
    const [[key, argument] = ['', undefined], ...others] = Object.entries(value);
    if (others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'))) {
      const intrinsic = this.intrinsics[key];
      if (!intrinsic) throw new Error(`${key} is not supported: ${JSON.stringify(argument)}`);
      return intrinsic(argument);
    }
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.resolve(item)]));
  }

  private readonly intrinsics: Record<string, ((argument: unknown) => unknown) | undefined> = {
    Ref: (name) => this.reference(name as string),
    'Fn::GetAtt': (argument) => this.attribute(...(argument as [string, string])),
    'Fn::Join': (argument) => {
      const [separator, parts] = argument as [string, unknown[]];
      return (this.resolve(parts) as string[]).join(separator);
    },
    'Fn::Select': (argument) => {
      const [index, list] = argument as [string | number, unknown];
      const chosen = (this.resolve(list) as unknown[])[Number(index)];
      if (chosen === undefined) throw new Error(`Fn::Select: there is no item ${index} in ${JSON.stringify(list)}`);
      return chosen;
    },
    'Fn::Split': (argument) => {
      const [separator, text] = argument as [string, unknown];
      return (this.resolve(text) as string).split(separator);
    },
    'Fn::Sub': (argument) => {
      if (typeof argument !== 'string') throw new Error('Fn::Sub with a map is not supported');
      return argument.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
        const [id, attribute] = name.split('.') as [string, string?];
        return attribute ? this.attribute(id, attribute) : this.reference(id);
      });
    },
  };

  private reference(name: string): string {
    const value = this.pseudo[name] ?? this.created.get(name)?.ref ?? this.template.Parameters?.[name]?.Default;
    if (value === undefined) throw new Error(`Ref ${name}: there is no such resource, and no parameter with a default`);
    return String(value);
  }

  private attribute(id: string, name: string): string {
    const value = this.created.get(id)?.attributes?.[name];
    if (value === undefined) throw new Error(`Fn::GetAtt ${id}.${name} is not supported`);
    return value;
  }
}

/** Every resource after those that it speaks of. */
export function inOrder(resources: Record<string, Resource>): [string, Resource][] {
  const ordered = new Map<string, Resource>();
  const visit = (id: string, path: string[]) => {
    const resource = resources[id];
    if (!resource || ordered.has(id)) return;
    if (path.includes(id)) throw new Error(`Circular dependency: ${[...path, id].join(' -> ')}`);
    for (const other of mentioned(resource)) visit(other, [...path, id]);
    ordered.set(id, resource);
  };
  for (const id of Object.keys(resources)) visit(id, []);
  return [...ordered];
}

/** Of Ref, Fn::GetAtt, Fn::Sub and DependsOn; what is no resource is passed over by the caller. */
function mentioned({ Properties = {}, DependsOn = [] }: Resource): string[] {
  const inText = JSON.stringify(Properties).matchAll(/(?:"Ref":"|"Fn::GetAtt":\[?"|\$\{)(\w+)/g);
  return [...[DependsOn].flat(), ...Array.from(inText, (match) => match[1] as string)];
}
