import type { FirewallRule } from '../../net/firewall.ts'

export interface SecurityGroups {
  /** Any groups by their ids, whoever made them; one that does not exist is left out. */
  examineGroups(ids: readonly string[]): Promise<readonly GroupSeen[]>
  findGroups(vpcId: string): Promise<readonly Group[]>
  /** The new group's id; undefined when the name is taken. */
  createGroup(spec: GroupSpec): Promise<string | undefined>
  addRule(groupId: string, rule: FirewallRule, description: string): Promise<void>
  removeRules(groupId: string, rules: readonly GroupRule[]): Promise<void>
}

export type GroupRole = 'web' | 'link' | 'database'

/** A security group, whoever made it. */
export interface GroupSeen {
  readonly id: string
  readonly name: string
  /** Its purpose, where it is the lab's own. */
  readonly role?: GroupRole
  readonly rules: readonly GroupRule[]
}

/** One of the lab's own three. */
export interface Group extends GroupSeen {
  readonly role: GroupRole
}

export interface GroupRule extends FirewallRule {
  readonly id: string
  readonly description: string
}

export interface GroupSpec {
  readonly role: GroupRole
  readonly name: string
  readonly description: string
  readonly vpcId: string
}
