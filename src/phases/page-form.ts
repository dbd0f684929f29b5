import type { Page } from '../lab/ports.ts'

/** The form on a page by which somebody gives a name and a password. */
export interface PageForm {
  readonly method: 'GET' | 'POST'
  readonly action: URL
  readonly isMultipart: boolean
  /** What a browser sends, in its order. */
  readonly fields: readonly Field[]
}

interface Field {
  readonly name: string
  readonly value: string
  readonly holds: 'name' | 'password' | 'what the page says'
}

type Attributes = Readonly<Record<string, string>>

/** As a browser finds it at this address; fails with what is missing, as the end of a sentence. */
export function readForm({ text }: Page, url: string): PageForm {
  const html = text.replace(/<!--.*?-->|<(script|template)\b.*?<\/\1>/gis, '')
  const forms = [...html.matchAll(tag('form', '(?<inside>.*?)(?:</form>|$)'))]
  if (forms.length === 0) throw new Error('the page has no form')
  const [form] = forms.flatMap(({ groups = {} }) => {
    const inputs = inputsIn(groups['inside'] ?? '')
    return inputs.some(({ type }) => type === 'password')
      ? [{ own: attributes(groups['words']), inputs }]
      : []
  })
  if (form === undefined) throw new Error('its form has no field for a password (type="password")')
  const fields = fieldsOf(form.inputs)
  for (const part of ['name', 'password'] as const)
    if (!fields.some(({ holds }) => holds === part))
      throw new Error(`its form has no named field for the ${part}`)
  const action = new URL(form.own['action'] || url, url)
  if (action.origin !== new URL(url).origin)
    throw new Error(`its form leads away from the site, to ${action}`)
  return {
    method: form.own['method']?.toLowerCase() === 'post' ? 'POST' : 'GET',
    action,
    isMultipart: form.own['enctype']?.toLowerCase() === 'multipart/form-data',
    fields,
  }
}

/** What a browser asks once the form is filled in and sent. */
export function submission(
  { method, action, isMultipart, fields }: PageForm,
  name: string,
  password: string,
): readonly [url: string, form?: URLSearchParams | FormData] {
  const body = isMultipart && method === 'POST' ? new FormData() : new URLSearchParams()
  for (const field of fields)
    body.append(field.name, { name, password, 'what the page says': field.value }[field.holds])
  if (method === 'POST') return [action.href, body]
  return [`${action.origin}${action.pathname}?${body}`]
}

const TEXTS: readonly string[] = ['text', 'email', 'search', 'tel', 'url']
const NOT_SENT: readonly string[] = ['button', 'reset', 'image', 'file']

function inputsIn(html: string): readonly Attributes[] {
  return [...html.matchAll(tag('(?:input|(?<button>button))'))].map(({ groups = {} }) => {
    const own = attributes(groups['words'])
    return { ...own, type: own['type']?.toLowerCase() || (groups['button'] ? 'submit' : 'text') }
  })
}

function fieldsOf(inputs: readonly Attributes[]): readonly Field[] {
  const sent = inputs.filter((input) => isSent(input, inputs))
  const first = sent.find(({ type = '' }) => TEXTS.includes(type))
  return sent.map((input) => {
    const { name = '', type, value = type === 'checkbox' ? 'on' : '' } = input
    return {
      name,
      value,
      holds: type === 'password' ? type : input === first ? 'name' : 'what the page says',
    }
  })
}

function isSent(input: Attributes, all: readonly Attributes[]): boolean {
  const { name = '', type = '' } = input
  if (name === '' || 'disabled' in input || NOT_SENT.includes(type)) return false
  // The one that is clicked.
  if (type === 'submit') return input === all.find((each) => each['type'] === 'submit')
  // What must be ticked, a person ticks.
  if (type === 'checkbox' || type === 'radio') return 'checked' in input || 'required' in input
  return true
}

function tag(name: string, rest = ''): RegExp {
  return new RegExp(`<${name}\\b(?<words>(?:"[^"]*"|'[^']*'|[^"'>])*)>${rest}`, 'gis')
}

function attributes(words = ''): Attributes {
  const each = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g
  return Object.fromEntries(
    [...words.matchAll(each)].map(([, name = '', ...values]) => [
      name.toLowerCase(),
      unescapeHtml(values.find((value) => value !== undefined) ?? ''),
    ]),
  )
}

export function unescapeHtml(text: string): string {
  return text.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}
