import type { Check } from '../../lab/check.ts'
import { handout } from '../../lab/lab.ts'
import { type IngressLooks, ingressFromHere } from './ingress-from-here.ts'

export const webIngress: Check<IngressLooks> = {
  id: 'web-ingress',
  title: 'The rules let the site (5000) in from here',
  needs: ['server-address', 'internet-route', 'network-acl'],
  examine: (evidence) => ingressFromHere(evidence, handout.sitePort, evidence.site),
}
