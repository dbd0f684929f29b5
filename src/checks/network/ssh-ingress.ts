import type { Check } from '../../lab/check.ts'
import { handout } from '../../lab/lab.ts'
import { type IngressLooks, ingressFromHere } from './ingress-from-here.ts'

export const sshIngress: Check<IngressLooks> = {
  id: 'ssh-ingress',
  title: 'The rules let SSH (22) in from here',
  needs: ['server-address', 'internet-route', 'network-acl'],
  examine: (evidence) => ingressFromHere(evidence, handout.sshPort, evidence.ssh),
}
