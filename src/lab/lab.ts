/** The facts that the eight phases establish. Each is complete or does not exist: no field is ever half known. */
export interface Lab {
  readonly network: Network
  readonly server: Server
  readonly host: HostFact
  readonly project: Project
  readonly database: Database
  readonly link: Link
  readonly schema: Schema
  readonly site: Site
  readonly proof: Proof
}

/** The owner of the credentials, as AWS names it. */
export interface Identity {
  readonly account: string
  readonly arn: string
  /** Equals `aws:userid` in policies, for users, roles and root alike. */
  readonly userId: string
}

/** The part of a VPC that the lab uses. */
export interface Network {
  readonly vpcId: string
  /** Public subnets that offer the server's instance type. */
  readonly serverSubnets: readonly Subnet[]
  /** Subnets in at least two zones. */
  readonly databaseSubnets: readonly Subnet[]
}

export interface Subnet {
  readonly id: string
  readonly zone: string
}

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface Server {
  readonly id: string
  readonly address: string
  readonly vpcId: string
  readonly groupIds: readonly string[]
}

/** The places on the server that phase 2 establishes. */
export interface HostFact {
  readonly home: string
  /** Absolute path of the Node that runs the app. */
  readonly node: string
}

export interface Project {
  readonly folder: string
  /** Tells one version of the project from another. */
  readonly digest: string
}

export interface Database {
  readonly id: string
  readonly endpoint: Endpoint
  readonly vpcId: string
  readonly groupIds: readonly string[]
}

/** The proven way from the server to the database. */
export interface Link {
  readonly linkGroupId: string
  readonly databaseGroupId: string
}

interface Schema {
  readonly database: string
  readonly user: string
}

export interface Site {
  /** As the student types it: no trailing slash. */
  readonly url: string
}

export interface Proof {
  readonly steps: readonly ProofStep[]
}

export interface ProofStep {
  readonly id: string
  readonly passed: boolean
  /** Only where a step before it has failed. */
  readonly tried?: false
  readonly detail: string
}

/** The names that the handout gives to things. */
export const handout = {
  server: 'FlaskLoginServer',
  serverType: 't3.micro',
  serverVcpus: 2,
  /** The size that Amazon Linux 2023 comes with. */
  diskGb: 8,
  diskType: 'gp3',
  database: 'flaskdb-instance',
  databaseClass: 'db.t3.micro',
  /** Where that one is not to be had. */
  otherDatabaseClass: 'db.t4g.micro',
  databaseGb: 20,
  databaseDiskType: 'gp3',
  schema: 'flaskdb',
  masterUser: 'admin',
  appUser: 'flaskapp',
  project: 'FlaskLoginApp',
  service: 'flasklogin',
  sshPort: 22,
  sitePort: 5000,
  databasePort: 3306,
  sshUser: 'ec2-user',
} as const
