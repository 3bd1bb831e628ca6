import type { IamInstanceProfileAssociation } from '@aws-sdk/client-ec2';
import type { Instance, InstanceState, World } from '../world';

export interface Profile {
  arn: string;
  id: string;
}

export interface Association {
  readonly id: string;
  readonly instance: Instance;
  readonly profile: Profile;
  state: 'associating' | 'associated' | 'disassociating';
  /** Epoch ms at which an `associating` one can be `associated`, and a `disassociating` one is gone. */
  due: number;
  /** What DescribeInstances shows until this one is `associated`. */
  replaces?: Profile;
}

type Attachment = NonNullable<ReturnType<World['ec2']['attachment']>>;

/**
 * The instance-profile associations (aws-facts 1.2). States are brought up to date whenever somebody looks, so that
 * a stuck association needs no timer: it heals at the first look after its role's trust has.
 */
export class Associations {
  /** In the order in which Describe lists them: a replacement stands right before what it replaces. */
  private all: Association[] = [];
  private readonly history = new Map<string, Attachment[]>();

  constructor(private readonly world: World) {}

  list(): Association[] {
    const now = this.world.clock.now();
    this.all = this.all.filter(({ state, due }) => state !== 'disassociating' || due > now);
    for (const association of this.all) {
      if (association.state === 'associating' && association.due <= now && this.canBeUsed(association)) {
        association.state = 'associated';
        delete association.replaces;
      }
    }
    return this.all;
  }

  get(id: string): Association | undefined {
    return this.list().find((association) => association.id === id);
  }

  /** The newest association of an instance. One that is `disassociating` occupies the instance until it is gone. */
  of(instance: Instance): Association | undefined {
    return this.list().find((association) => association.instance === instance);
  }

  /**
   * What DescribeInstances shows. Unconfirmed: a replacement whose role EC2 can never assume leaves the old one there
   * for good, and a profile is shown until its association is gone.
   */
  shownOn(instance: Instance): Profile | undefined {
    const association = this.of(instance);
    return association?.replaces ?? association?.profile;
  }

  associate(instance: Instance, profile: Profile, state: 'associating' | 'associated' = 'associating'): Association {
    const association = this.create(instance, profile, state);
    this.all.push(association);
    return association;
  }

  replace(old: Association, profile: Profile): Association {
    const association = { ...this.create(old.instance, profile, 'associating'), replaces: old.replaces ?? old.profile };
    this.all.splice(this.all.indexOf(old), 0, association);
    this.letGo(old);
    return association;
  }

  /** On a stopped instance the association is gone at once (aws-facts 1.3). */
  disassociate(association: Association): 'disassociating' | 'disassociated' {
    if (association.state !== 'disassociating') {
      this.letGo(association);
      this.record(association.instance);
    }
    if (association.instance.state !== 'stopped') return 'disassociating';
    this.all = this.all.filter((other) => other !== association);
    return 'disassociated';
  }

  beforeChange(instance: Instance, next: InstanceState): void {
    const mine = this.list().filter((association) => association.instance === instance);
    if (next === 'running') {
      for (const association of mine) {
        if (association.state === 'associating') {
          association.due = this.world.clock.now() + this.world.delays.associating;
        }
      }
    }
    if (next === 'terminated') {
      this.all = this.all.filter((association) => !mine.includes(association));
      this.record(instance);
    }
  }

  /** What was attached at `at`; before the first change: what the instance came with. */
  attachment(instance: Instance, at: number): Attachment {
    const history = this.history.get(instance.id) ?? [];
    return history.findLast(({ since }) => since <= at) ?? history[0] ?? { since: 0 };
  }

  /** @param profile what is attached from now on; none: nothing is */
  record(instance: Instance, profile?: Profile): void {
    const since = this.world.clock.now();
    const attachment = profile ? { profileArn: profile.arn, profileId: profile.id, since } : { since };
    this.history.set(instance.id, [...(this.history.get(instance.id) ?? []), attachment]);
  }

  private create(instance: Instance, { arn, id }: Profile, state: Association['state']): Association {
    this.record(instance, { arn, id });
    const due = this.world.clock.now() + this.world.delays.associating;
    return { id: `iip-assoc-${this.world.ids.hex(17)}`, instance, profile: { arn, id }, state, due };
  }

  private letGo(association: Association): void {
    association.state = 'disassociating';
    association.due = this.world.clock.now() + this.world.delays.disassociating;
  }

  /** aws-facts 1.2: an empty profile can be used, a role that does not trust EC2 cannot. */
  private canBeUsed({ instance, profile }: Association): boolean {
    if (instance.state !== 'running') return false;
    const seen = this.world.iam.profileSeenByEc2(profile.arn);
    if (seen?.id !== profile.id) return false;
    return !seen.role || this.world.iam.trusts(seen.role.name, { service: 'ec2.amazonaws.com' }) !== false;
  }
}

/** Without `Timestamp`: it is in the model, and in none of AWS's answers (aws-facts 1.1). */
export function describe(
  { id, instance, profile, state }: Association,
  shown: IamInstanceProfileAssociation['State'] = state,
): IamInstanceProfileAssociation {
  return {
    AssociationId: id,
    InstanceId: instance.id,
    IamInstanceProfile: { Arn: profile.arn, Id: profile.id },
    State: shown,
  };
}
