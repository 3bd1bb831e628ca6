import type { Values } from '../common/metrics';

/** What one turn found and did: names of roles and profiles, for each thing that was done. */
export class Swept {
  /** Records that are open although their grant has ended long ago. */
  pastExpiry = 0;
  /** How long the run restores that has restored for the longest time. */
  restoringMs = 0;
  /** Roles that were found. */
  roles = 0;
  /** Of those that were looked at: how many drain. */
  draining = 0;
  /** Roles that had drained. */
  readonly deleted: string[] = [];
  /** Roles that drained, and had the grant again. */
  readonly stripped: string[] = [];
  /** Temp roles of runs that were overdue, and were stopped: `recover` follows. */
  readonly stopped: string[] = [];
  /** Execution ARNs of the recoveries that were started. */
  readonly recovering: string[] = [];
  /** Instance profiles that marked an instance as busy for no run. */
  readonly orphans: string[] = [];
  /** Names of ceilings of earlier releases that nothing needs any more. */
  readonly ceilings: string[] = [];
  /** Roles and profiles that are not understood, with the reason: reported, never touched. */
  readonly unexplained: { name: string; why: string }[] = [];
  /** Names that there was no time for, or no answer of AWS: they have their turn again. */
  left = 0;

  cannotExplain(name: string, why: string): void {
    this.unexplained.push({ name, why });
  }

  /** For dashboard and alarms: that sweep has finished, and what it saw. */
  metrics(): Values {
    return {
      SweepFinished: 1,
      Roles: this.roles,
      Draining: this.draining,
      Deleted: this.deleted.length,
      Stripped: this.stripped.length,
      Stopped: this.stopped.length,
      Orphans: this.orphans.length,
      Unexplained: this.unexplained.length,
      Left: this.left,
      RecordsPastExpiry: this.pastExpiry,
      RestoringSeconds: Math.round(this.restoringMs / 1_000),
    };
  }
}
