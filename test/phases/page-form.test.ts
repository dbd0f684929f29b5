import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readForm, submission } from '../../src/phases/page-form.ts'

const URL_OF_PAGE = 'http://203.0.113.99:5000/'
const NAME = '<input name="uname" required>'
const PASSWORD = '<input name="pwd" type="password">'

function sent(html: string) {
  const form = readForm({ status: 200, text: html }, URL_OF_PAGE)
  const [url, body] = submission(form, 'ada', 'secret')
  return { url, body: body === undefined ? undefined : [...body].map(([name, value]) => `${name}=${value}`) }
}

const failure = (html: string) => {
  try {
    return sent(html)
  } catch (error) {
    return (error as Error).message
  }
}

test.each([
  ['register', `${URL_OF_PAGE}register`],
  ['login', `${URL_OF_PAGE}validate`],
])('the lab’s own page %s is sent as a browser sends it', (page, url) => {
  const html = readFileSync(new URL(`../../app-template/templates/${page}.html`, import.meta.url), 'utf8')
  expect(sent(html.replaceAll(/\{\{.*?\}\}/g, ''))).toEqual({ url, body: ['uname=ada', 'pwd=secret'] })
})

test('the page’s other fields go along: hidden ones, ticks, the button that is clicked', () => {
  const html = `<FORM ACTION='save?a=1&amp;b=2' method=POST>
    <input type=hidden name=csrf value="a&quot;b"><input name='user' value="old">
    ${PASSWORD}<input type="password" name="again"><input type="checkbox" name="terms" required>
    <input type="checkbox" name="news"><input name="off" disabled><input id="nameless">
    <button type="button" name="eye">show</button><button name="go" value="1">Go</button><input type="submit" name="no">
  </FORM>`
  expect(sent(html)).toEqual({
    url: `${URL_OF_PAGE}save?a=1&b=2`,
    body: ['csrf=a"b', 'user=ada', 'pwd=secret', 'again=secret', 'terms=on', 'go=1'],
  })
})

test('a form that names no method puts all in the address, one that names no place comes back to its page', () => {
  expect(sent(`<form>${NAME}${PASSWORD}</form>`)).toEqual({
    url: `${URL_OF_PAGE}?uname=ada&pwd=secret`,
    body: undefined,
  })
})

test('a form for files is sent as one', () => {
  const html = `<form method="post" enctype="multipart/form-data">${NAME}${PASSWORD}</form>`
  const form = readForm({ status: 200, text: html }, URL_OF_PAGE)
  expect(submission(form, 'a', 'b')[1]).toBeInstanceOf(FormData)
})

test('the form with a password is meant among several, and not one that is only written about', () => {
  const html = `<!-- <form action="/old">${NAME}${PASSWORD}</form> --><form action="/search"><input name="q"></form>
    <form action="/new" method="post" aria-label="a > b">${NAME}${PASSWORD}`
  expect(sent(html).url).toBe(`${URL_OF_PAGE}new`)
})

test.each([
  ['<h1>Register</h1>', 'the page has no form'],
  [`<form>${NAME}<input name="pwd"></form>`, 'its form has no field for a password (type="password")'],
  [`<form>${NAME}<input type="password"></form>`, 'its form has no named field for the password'],
  [`<form>${PASSWORD}</form>`, 'its form has no named field for the name'],
  [
    `<form action="https://elsewhere.example/register">${NAME}${PASSWORD}</form>`,
    'its form leads away from the site, to https://elsewhere.example/register',
  ],
])('a page on which nobody can register says what is missing: %s', (html, message) => {
  expect(failure(html)).toBe(message)
})
