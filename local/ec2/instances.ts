import { AwsError, type Instance, type InstanceState, type World } from '../world';

export type InstanceOptions = Parameters<World['ec2']['addInstance']>[0];

/** How an instance went down, or goes down. */
export interface End {
  /** Epoch ms at which that began. */
  at: number;
  hibernates: boolean;
}

interface Transition {
  /** For the error message. */
  done: string;
  from: InstanceState[];
  through: InstanceState;
  to: InstanceState;
}

const STOP: Transition = { done: 'stopped', from: ['running'], through: 'stopping', to: 'stopped' };
/** `from`: where EC2 begins the transition. Under way or finished already, it answers without a change. */
const TRANSITIONS: Record<'stop' | 'hibernate' | 'start' | 'terminate', Transition> = {
  stop: STOP,
  hibernate: STOP,
  start: { done: 'started', from: ['stopped'], through: 'pending', to: 'running' },
  terminate: {
    done: 'terminated',
    from: ['pending', 'running', 'stopping', 'stopped'],
    through: 'shutting-down',
    to: 'terminated',
  },
};

export function instanceArn(world: World, id: string): string {
  return `arn:${world.partition}:ec2:${world.region}:${world.account}:instance/${id}`;
}

const isUp = (state: InstanceState) => state === 'pending' || state === 'running';

/** The instances and their states. A terminated one is listed for good; AWS forgets it after about an hour. */
export class Instances {
  private readonly byId = new Map<string, Instance>();
  private readonly ends = new Map<string, End>();
  private readonly underWay = new Map<string, () => void>();

  /** @param beforeChange is told of every change of state right before it happens */
  constructor(
    private readonly world: World,
    private readonly beforeChange: (instance: Instance, next: InstanceState) => void,
  ) {}

  get(id: string): Instance | undefined {
    return this.byId.get(id);
  }

  list(): Instance[] {
    return [...this.byId.values()];
  }

  /** Undefined while it is up. */
  endOf({ id }: Instance): End | undefined {
    return this.ends.get(id);
  }

  existing(id: string): Instance {
    return this.allExisting([id])[0]!;
  }

  allExisting(ids: string[]): Instance[] {
    const gone = ids.filter((id) => !this.byId.has(id));
    if (gone.length === 0) return ids.map((id) => this.byId.get(id)!);
    const [noun, verb] = gone.length > 1 ? ['IDs', 'do'] : ['ID', 'does'];
    throw new AwsError('InvalidInstanceID.NotFound', `The instance ${noun} '${gone.join(', ')}' ${verb} not exist`);
  }

  add(options: InstanceOptions): Instance {
    const id = options.id ?? `i-${this.world.ids.hex(17)}`;
    if (this.byId.has(id)) throw new Error(`There is an instance ${id} already`);
    const host = this.byId.size + 4;
    const instance: Instance = {
      id,
      arn: instanceArn(this.world, id),
      state: options.state ?? 'running',
      tags: { ...options.tags },
      platform: options.platform ?? 'Linux',
      httpTokens: options.httpTokens ?? 'required',
      agent: { running: true, version: '3.3.5226.0', ...options.agent },
      privateIp: `10.0.${host >> 8}.${host & 255}`,
      launchedAt: this.world.clock.now(),
    };
    this.byId.set(id, instance);
    if (!isUp(instance.state)) this.ends.set(id, { at: instance.launchedAt, hibernates: false });
    return instance;
  }

  /** Ends what would otherwise keep a process waiting for a state that nobody will see. */
  close(): void {
    for (const callOff of this.underWay.values()) callOff();
    this.underWay.clear();
  }

  /** Changes all of them or, when one is in the wrong state, none. */
  begin(transition: keyof typeof TRANSITIONS, ...ids: string[]): void {
    const { done, from, through, to } = TRANSITIONS[transition];
    const hibernates = transition === 'hibernate';
    const changing = this.allExisting(ids).filter(({ state }) => state !== through && state !== to);
    const wrong = changing.find(({ state }) => !from.includes(state));
    if (wrong) {
      const message = `The instance '${wrong.id}' is not in a state from which it can be ${done}.`;
      throw new AwsError('IncorrectInstanceState', message);
    }
    for (const instance of changing) this.move(instance, through, to, hibernates);
  }

  private move(instance: Instance, through: InstanceState, to: InstanceState, hibernates: boolean): void {
    this.underWay.get(instance.id)?.();
    const now = this.world.clock.now();
    if (isUp(through)) {
      instance.launchedAt = now;
      this.ends.delete(instance.id);
    } else {
      this.ends.set(instance.id, { at: now, hibernates });
    }
    this.change(instance, through);
    const arrive = () => {
      this.underWay.delete(instance.id);
      if (isUp(to)) instance.startedAt = this.world.clock.now();
      this.change(instance, to);
    };
    this.underWay.set(instance.id, this.world.clock.after(this.world.delays.instanceTransition, arrive));
  }

  private change(instance: Instance, next: InstanceState): void {
    this.beforeChange(instance, next);
    instance.state = next;
  }
}
