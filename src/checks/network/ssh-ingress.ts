import type { Check } from '../../lab/check.ts'
import { handout } from '../../lab/lab.ts'
import type { Evidence } from '../evidence.ts'
import { ingressFromHere } from './ingress-from-here.ts'

export const sshIngress: Check<Evidence> = {
  id: 'ssh-ingress',
  title: 'The rules let SSH (22) in from here',
  needs: ['server-address', 'internet-route', 'network-acl'],
  examine: (evidence) => ingressFromHere(evidence, handout.sshPort, evidence.ssh),
}
