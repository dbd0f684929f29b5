import type {
  DescribeInstanceAttributeRequest,
  InstanceAttribute,
  ModifyInstanceAttributeRequest,
} from '@aws-sdk/client-ec2'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { refuseUnsupported } from '../wire/unsupported.ts'
import { groupsToAttach } from './group-lists.ts'
import { withId } from './ids.ts'
import { ROOT_DEVICE } from './images.ts'
import { groupIdentifiers } from './network-interfaces.ts'

export function describeInstanceAttribute(
  input: DescribeInstanceAttributeRequest,
  { region }: Call,
): InstanceAttribute {
  const instance = withId(region.instances, input.InstanceId, 'instance')
  const InstanceId = instance.id
  switch (input.Attribute) {
    case 'disableApiTermination':
      return { InstanceId, DisableApiTermination: { Value: instance.terminationProtected } }
    case 'groupSet':
      return { InstanceId, Groups: groupIdentifiers(instance.groupIds, region) }
    case 'instanceInitiatedShutdownBehavior':
      return { InstanceId, InstanceInitiatedShutdownBehavior: { Value: 'stop' } }
    case 'instanceType':
      return { InstanceId, InstanceType: { Value: instance.type } }
    case 'rootDeviceName':
      return { InstanceId, RootDeviceName: { Value: ROOT_DEVICE } }
    case 'sourceDestCheck':
      return { InstanceId, SourceDestCheck: { Value: true } }
    case 'userData':
      return { InstanceId, UserData: { Value: instance.userData } }
    default: {
      const text = `Value (${input.Attribute}) for parameter attribute is invalid. Unknown attribute.`
      throw new AwsError('InvalidParameterValue', text)
    }
  }
}

export function modifyInstanceAttribute(input: ModifyInstanceAttributeRequest, { region }: Call): void {
  refuseUnsupported(input, ['InstanceId', 'Groups', 'DisableApiTermination', 'DryRun'])
  const instance = withId(region.instances, input.InstanceId, 'instance')
  if (instance.state === 'terminated') {
    const text = `The instance '${instance.id}' is not in a state from which it can be modified.`
    throw new AwsError('IncorrectInstanceState', text)
  }
  if (input.Groups !== undefined) instance.groupIds = groupsToAttach(input.Groups, instance.vpcId, region)
  const protect = input.DisableApiTermination?.Value
  if (protect !== undefined) instance.terminationProtected = protect
}
