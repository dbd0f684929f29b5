import type { Instance, RunInstancesCommandInput } from '@aws-sdk/client-ec2'
import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import { handout } from '../lab/lab.ts'
import type { LaunchSpec, ServerSeen } from '../lab/ports/servers.ts'
import type { Clients } from './clients.ts'
import { codeOf, messageOf } from './error-codes.ts'
import { means, onceKnown } from './error-meanings.ts'
import { isLiving, serverSeen } from './instance.ts'
import { instancesBy } from './lists.ts'
import {
  CreateTagsCommand,
  DescribeImagesCommand,
  GetConsoleOutputCommand,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  StartInstancesCommand,
} from './sdk.ts'
import { type LabTags, ofLab, tagsFor } from './tags.ts'

export const INSTANCE_TYPE = handout.serverType
const LATEST_IMAGE = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64'
const ROOT_DEVICE = '/dev/xvda'
export async function findServer(clients: Clients, lab: LabTags): Promise<ServerSeen | undefined> {
  const instance = (await instancesBy(clients, [ofLab(lab.id)])).find(isLiving)
  return instance && serverSeen(instance)
}

/** A server that was made by hand: by its id, which must exist, else by the handout's name for it. */
export async function findByHand(
  clients: Clients,
  id: string | undefined,
  region: string,
): Promise<ServerSeen | undefined> {
  const which =
    id === undefined ? { Name: 'tag:Name', Values: [handout.server] } : { Name: 'instance-id', Values: [id] }
  const found = (await instancesBy(clients, [which])).filter(isLiving)
  if (found.length > 1) throw severalServers(found)
  if (found.length === 0 && id !== undefined) throw noInstance(id, region)
  return found[0] && serverSeen(found[0])
}

function noInstance(id: string, region: string): LabError {
  return new LabError({
    what: `There is no instance ${id} in ${region}.`,
    why: 'Either it was terminated, or it is in another region or account.',
    remedy: { say: 'Look its id and region up in the EC2 console; --region names another one.' },
  })
}

function severalServers(found: readonly Instance[]): LabError {
  const ids = found.map(({ InstanceId = '' }) => InstanceId)
  return new LabError({
    what: `Several servers are called ${handout.server}: ${ids.join(', ')}.`,
    remedy: {
      say: 'Say which one is yours.',
      run: ids.map((id) => flasklab('doctor', { adopt: true, instance: id })),
    },
  })
}

export async function lookAtServer(clients: Clients, id: string): Promise<ServerSeen | undefined> {
  const [instance] = await instancesBy(clients, [{ Name: 'instance-id', Values: [id] }])
  return instance && serverSeen(instance)
}

/**
 * Launches one instance; its id. A zone without room ends in a finding with the code `no-room`, a token that was used
 * for another launch in one with `used-token`.
 */
export async function launchServer(
  clients: Clients,
  lab: LabTags,
  names: { readonly server: string; readonly keyPair: string },
  spec: LaunchSpec,
): Promise<string> {
  try {
    return await launch(clients, lab, names, spec, { id: LATEST_IMAGE, rootDevice: ROOT_DEVICE })
  } catch (error) {
    if (!means(error, 'image-is-unresolved')) throw known(error, spec)
    return launch(clients, lab, names, spec, await latestImage(clients.ec2)).catch((again) => {
      throw known(again, spec)
    })
  }
}

interface Image {
  readonly id: string
  readonly rootDevice: string
}

async function launch(
  clients: Clients,
  lab: LabTags,
  names: { readonly server: string; readonly keyPair: string },
  { subnet, groupIds, token, encrypted }: LaunchSpec,
  image: Image,
): Promise<string> {
  const tagged = (ResourceType: 'instance' | 'volume' | 'network-interface') => ({
    ResourceType,
    Tags: tagsFor(lab, { Name: names.server }),
  })
  const input: RunInstancesCommandInput = {
    MinCount: 1,
    MaxCount: 1,
    ImageId: image.id,
    InstanceType: INSTANCE_TYPE,
    KeyName: names.keyPair,
    ClientToken: token,
    // In this form, and without a top-level SubnetId: some subnets give no public address by themselves.
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        SubnetId: subnet.id,
        Groups: [...groupIds],
        AssociatePublicIpAddress: true,
        DeleteOnTermination: true,
      },
    ],
    BlockDeviceMappings: [
      {
        DeviceName: image.rootDevice,
        Ebs: { Encrypted: encrypted, DeleteOnTermination: true, VolumeType: handout.diskType },
      },
    ],
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled' },
    TagSpecifications: [tagged('instance'), tagged('volume'), tagged('network-interface')],
  }
  const { Instances = [] } = await onceKnown(() => clients.ec2.send(new RunInstancesCommand(input)), clients)
  return Instances[0]?.InstanceId ?? ''
}

async function latestImage(ec2: Clients['ec2']): Promise<Image> {
  const { Images = [] } = await ec2.send(
    new DescribeImagesCommand({
      Owners: ['amazon'],
      Filters: [
        // With "-kernel-": minimal and container images drop out.
        { Name: 'name', Values: ['al2023-ami-2023.*-kernel-*-x86_64'] },
        { Name: 'architecture', Values: ['x86_64'] },
        { Name: 'state', Values: ['available'] },
      ],
    }),
  )
  const [newest] = Images.sort((one, other) =>
    (other.CreationDate ?? '').localeCompare(one.CreationDate ?? ''),
  )
  if (newest?.ImageId !== undefined)
    return { id: newest.ImageId, rootDevice: newest.RootDeviceName ?? ROOT_DEVICE }
  throw new LabError({
    what: 'AWS lists no image of Amazon Linux 2023 in this region.',
    remedy: { say: 'Use another region.', run: [flasklab('up', { region: 'us-east-1' })] },
  })
}

function known(error: unknown, { subnet }: LaunchSpec): unknown {
  if (means(error, 'token-is-used')) {
    return new LabError(
      {
        what: 'AWS has a launch of this lab that differs from the one asked for now.',
        why: messageOf(error),
        remedy: { say: 'Go on: the launch is asked for anew.', run: [flasklab('up')] },
      },
      { cause: error, code: 'used-token' },
    )
  }
  if (!means(error, 'zone-is-full')) return error
  return new LabError(
    {
      what: `The zone ${subnet.zone} can't take a ${INSTANCE_TYPE} (${codeOf(error)}).`,
      why: messageOf(error),
      remedy: { say: 'Try again later, or in another region.', run: [flasklab('up')] },
    },
    { cause: error, code: 'no-room' },
  )
}

export async function startServer(clients: Clients, id: string): Promise<void> {
  await onceKnown(() => clients.ec2.send(new StartInstancesCommand({ InstanceIds: [id] })), clients)
}

export async function setServerGroups(
  clients: Clients,
  id: string,
  groupIds: readonly string[],
): Promise<void> {
  const command = new ModifyInstanceAttributeCommand({ InstanceId: id, Groups: [...groupIds] })
  await onceKnown(() => clients.ec2.send(command), clients)
}

/** Empty until the server has written something; normal for the first minute. */
export async function consoleOutput(clients: Clients, id: string): Promise<string> {
  const command = new GetConsoleOutputCommand({ InstanceId: id, Latest: true })
  const { Output = '' } = await onceKnown(() => clients.ec2.send(command), clients)
  return Buffer.from(Output, 'base64').toString('utf8')
}

export async function tagServer(clients: Clients, id: string, Key: string, Value: string): Promise<void> {
  const command = new CreateTagsCommand({ Resources: [id], Tags: [{ Key, Value }] })
  await onceKnown(() => clients.ec2.send(command), clients)
}
