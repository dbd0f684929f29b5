import type { HostFact } from '../lab/lab.ts'

/**
 * The systemd unit of the app. It runs as a throw-away user that sees of the home folder nothing but the
 * project, read-only; systemd itself reads the passwords. Lines that look missing were left out on purpose:
 * MemoryDenyWriteExecute kills V8's compiler, and without AF_NETLINK Node can't list the network interfaces.
 */
export function serviceUnit(host: HostFact, folder: string): string {
  const place = unitPath(folder)
  return `[Unit]
Description=FlaskLoginApp
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
DynamicUser=yes
ProtectHome=tmpfs
BindReadOnlyPaths=${unitWord(folder)}
WorkingDirectory=${place}
EnvironmentFile=${place}/.env
Environment=NODE_ENV=production
ExecStart=${unitWord(host.node)} app.js
Restart=always
RestartSec=2
TimeoutStopSec=15
MemoryMax=600M
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
UMask=0077

[Install]
WantedBy=multi-user.target
`
}

/** A path that is a setting's whole value: nothing in it needs quotes, but `%` would begin a specifier. */
function unitPath(path: string): string {
  return path.replaceAll('%', '%%')
}

/** A path among the words of a setting, which systemd splits at spaces and colons (systemd.syntax). */
function unitWord(path: string): string {
  const escaped = unitPath(path).replace(/["\\]/g, '\\$&')
  return /^[\w./%+-]+$/.test(escaped) ? escaped : `"${escaped}"`
}
