import { type DefaultTreeAdapterTypes as Html, parse } from 'parse5'
import type { Page } from '../lab/ports/host.ts'

/** The form on a page by which somebody gives a name and a password. */
export interface PageForm {
  readonly method: 'GET' | 'POST'
  readonly action: URL
  readonly isMultipart: boolean
  /** The fields that a browser sends, in its order. */
  readonly fields: readonly Field[]
}

interface Field {
  readonly name: string
  readonly value: string
  readonly holds: 'name' | 'password' | 'what the page says'
}

/** As a browser finds it at this address; fails with what is missing, as the end of a sentence. */
export function readForm({ text }: Page, url: string): PageForm {
  const forms = elementsIn(parse(text)).filter(({ tagName }) => tagName === 'form')
  if (forms.length === 0) throw new Error('the page has no form')
  const form = forms.find((each) => inputsIn(each).some(({ type }) => type === 'password'))
  if (form === undefined) throw new Error('its form has no field for a password (type="password")')
  const fields = fieldsOf(inputsIn(form))
  for (const part of ['name', 'password'] as const)
    if (!fields.some(({ holds }) => holds === part))
      throw new Error(`its form has no named field for the ${part}`)
  const own = attributes(form)
  const action = new URL(own['action'] || url, url)
  if (action.origin !== new URL(url).origin)
    throw new Error(`its form leads away from the site, to ${action}`)
  return {
    method: own['method']?.toLowerCase() === 'post' ? 'POST' : 'GET',
    action,
    isMultipart: own['enctype']?.toLowerCase() === 'multipart/form-data',
    fields,
  }
}

/** The request that a browser makes once the form is filled in and sent. */
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

/** All that somebody reads on a page, as one text. */
export function textOf({ text }: Page): string {
  const words = (node: Html.Node): string =>
    'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(words).join('') : ''
  return words(parse(text))
}

function elementsIn(node: Html.Node): readonly Html.Element[] {
  const inside = 'childNodes' in node ? node.childNodes.flatMap(elementsIn) : []
  return 'tagName' in node ? [node, ...inside] : inside
}

type Attributes = Readonly<Record<string, string>>

function attributes({ attrs }: Html.Element): Attributes {
  return Object.fromEntries(attrs.map(({ name, value }) => [name, value]))
}

const TEXTS: readonly string[] = ['text', 'email', 'search', 'tel', 'url']
const NOT_SENT: readonly string[] = ['button', 'reset', 'image', 'file']

function inputsIn(form: Html.Element): readonly Attributes[] {
  return elementsIn(form)
    .filter(({ tagName }) => ['input', 'button'].includes(tagName))
    .map((element) => {
      const own = attributes(element)
      const usual = element.tagName === 'button' ? 'submit' : 'text'
      return { ...own, type: own['type']?.toLowerCase() || usual }
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
  // A person ticks the boxes that must be ticked.
  if (type === 'checkbox' || type === 'radio') return 'checked' in input || 'required' in input
  return true
}
