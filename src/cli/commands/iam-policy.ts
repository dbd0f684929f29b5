import type { CliCommand } from '../command.ts'

export const iamPolicy: CliCommand<undefined, unknown> = {
  usage: 'iam-policy',
  about: 'print the AWS permissions that flasklab needs, as an IAM policy',
  notes: `
For whoever runs the account: it lets a student do what flasklab does, make only
what carries the student's id as the tag flasklab:owner, and change only that.
  flasklab iam-policy >flasklab.json
  aws iam create-policy --policy-name flasklab --policy-document file://flasklab.json`,
  options: () => undefined,
  run: async () => (await import('../../lab/iam-policy.ts')).iamPolicy,
  json: (policy) => policy,
  view: (policy) => JSON.stringify(policy, undefined, 2),
}
