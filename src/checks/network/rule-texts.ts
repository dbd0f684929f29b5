import type { GroupRule, GroupSeen } from '../../lab/ports/groups.ts'
import { ruleText } from '../../phases/security-groups.ts'

export function rulesOf(groups: readonly GroupSeen[]): GroupRule[] {
  return groups.flatMap((group) => group.rules)
}

/** "sg-1 (web), sg-2 (link)", or "(none)". */
export function groupsText(groups: readonly GroupSeen[]): string {
  return groups.length === 0 ? '(none)' : groups.map(({ id, name }) => `${id} (${name})`).join(', ')
}

/** The rules of one direction as the console shows them, or "no inbound rule". */
export function ruleTexts(groups: readonly GroupSeen[], direction: 'ingress' | 'egress'): string {
  const rules = rulesOf(groups).filter((rule) => rule.direction === direction)
  if (rules.length === 0) return `no ${direction === 'ingress' ? 'inbound' : 'outbound'} rule`
  return rules.map(ruleText).join(', ')
}
