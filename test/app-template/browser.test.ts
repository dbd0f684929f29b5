import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { launchBrowser, OTHER_SITE, PUBLIC_ADDRESS, whyNoBrowser } from '../support/browser.ts'
import type { TestDatabase } from '../support/mariadb.ts'
import { environmentFor, type RunningApp, startApp, startFlaskdb } from './running-app.ts'
import { register } from './visitor.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 })

const suite = whyNoBrowser ? describe.skip : describe
suite(`the site in a real browser${whyNoBrowser ? ` (not run: ${whyNoBrowser})` : ''}`, () => {
  let database: TestDatabase
  let app: RunningApp
  let browser: Browser
  let site: string

  beforeAll(async () => {
    database = await startFlaskdb()
    app = await startApp(environmentFor(database), database.caFile)
    site = `http://${PUBLIC_ADDRESS}:${new URL(app.url).port}`
    browser = await launchBrowser()
    await register(app, 'Ada')
  })

  afterAll(async () => {
    await browser?.close()
    await app?.remove()
    await database?.remove()
  })

  /** A visitor of his own, who notices whatever the browser complains about. */
  async function visit(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext(options)
    onTestFinished(() => context.close())
    const page = await context.newPage()
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      // A page that says 401 is one of ours, a refused style or script is not.
      if (message.type() === 'error' && !/responded with a status of 4\d\d/.test(message.text()))
        complaints.push(message.text())
    })
    onTestFinished(() => expect(complaints.splice(0)).toEqual([]))
    await page.goto(`${site}${path}`)
    return page
  }
  const complaints: string[] = []

  async function fillIn(page: Page, name: string, password: string): Promise<void> {
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('Password').fill(password)
    await click(page.getByRole('button'))
  }

  /** And waits for the page that this opens. */
  async function click(target: Locator): Promise<void> {
    const opened = target.page().waitForEvent('load')
    await target.click()
    await opened
  }

  const where = (page: Page) => new URL(page.url()).pathname
  const welcome = (name: string) => `Welcome, ${name}! You have successfully logged in.`

  test('register, log in, be welcomed, log out', async () => {
    const page = await visit('/')
    await fillIn(page, 'Grace', 'a password')
    expect(await page.getByRole('heading').textContent()).toBe('Registered')
    await click(page.getByRole('link', { name: 'Log in' }))
    await fillIn(page, 'Grace', 'a password')
    expect(where(page)).toBe('/welcome')
    await page.getByText(welcome('Grace')).waitFor()
    await page.reload()
    await page.getByText(welcome('Grace')).waitFor()

    await click(page.getByRole('button', { name: 'Log out' }))
    expect(where(page)).toBe('/login')
    await page.goto(`${site}/welcome`)
    expect(where(page)).toBe('/login')
  })

  test('the keyboard is enough for all of it', async () => {
    const page = await visit('/')
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key)
    }
    const type = (text: string) => page.keyboard.type(text)
    await press('Tab')
    await type('Key Board')
    await press('Tab')
    await type('a password')
    await press('Enter')
    await page.getByRole('heading', { name: 'Registered' }).waitFor()
    await press('Tab', 'Enter')
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await press('Tab')
    await type('Key Board')
    await press('Tab')
    await type('a password')
    await press('Tab', 'Enter')
    await page.getByText(welcome('Key Board')).waitFor()
    await press('Tab')
    const outline = await page.getByRole('button').evaluate((button) => getComputedStyle(button).outline)
    expect(outline).toMatch(/3px/)
    await press('Enter')
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
  })

  test('after logging out, the way back shows nobody’s welcome', async () => {
    const page = await visit('/login')
    await fillIn(page, 'Ada', 'a password')
    await page.getByText(welcome('Ada')).waitFor()
    await click(page.getByRole('button', { name: 'Log out' }))
    await page.goBack()
    expect(where(page)).toBe('/login')
  })

  test('the session is out of reach of scripts and of other sites, and kept on plain HTTP', async () => {
    const page = await visit('/login')
    await fillIn(page, 'Ada', 'a password')
    await page.getByText(welcome('Ada')).waitFor()
    const [cookie, ...others] = await page.context().cookies()
    expect(others).toEqual([])
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', secure: false, expires: -1 })
    expect(await page.evaluate(() => document.cookie)).toBe('')
  })

  test('a wrong password is said on the form, which keeps the name and not the password', async () => {
    const page = await visit('/login')
    await fillIn(page, 'Ada', 'a wrong one')
    expect(await page.getByRole('alert').textContent()).toBe('Invalid Username or Password')
    expect(await page.getByLabel('Name').inputValue()).toBe('Ada')
    expect(await page.getByLabel('Password').inputValue()).toBe('')
    await page.getByLabel('Password').fill('a password')
    await page.keyboard.press('Enter')
    await page.getByText(welcome('Ada')).waitFor()
  })

  test.each([
    ['taken', 'ada', 'This name is taken. Choose another one.'],
    ['too long', 'n'.repeat(51), 'Choose a name of at most 50 characters.'],
  ])('a name that is %s is said on the form, to the screen reader as well', async (_, name, message) => {
    const page = await visit('/')
    await fillIn(page, name, 'a password')
    const field = page.getByRole('textbox', { name: 'Name', description: message })
    expect(await field.inputValue()).toBe(name)
  })

  test('an empty field is held back by the browser', async () => {
    const page = await visit('/')
    await page.getByRole('button').click()
    expect(await page.getByLabel('Name').evaluate((field) => field.matches(':focus:invalid'))).toBe(true)
  })

  test('a form on another site is refused, though the visitor is logged in', async () => {
    const form = (action: string) =>
      `<form method="post" action="${site}${action}"><button>Win</button></form>`
    const evil = createServer(({ url }, response) => {
      response.setHeader('content-type', 'text/html').end(form(url ?? ''))
    })
    await once(evil.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void evil.close())
    const page = await visit('/login')
    await fillIn(page, 'Ada', 'a password')
    for (const action of ['/logout', '/register']) {
      await page.goto(`http://${OTHER_SITE}:${(evil.address() as AddressInfo).port}${action}`)
      await click(page.getByRole('button'))
      await page.getByText('This form was sent from another site.').waitFor()
    }
    await page.goto(`${site}/welcome`)
    await page.getByText(welcome('Ada')).waitFor()
  })

  const phone = { width: 320, height: 640 }

  test('a phone shows all of it, with fields to hit and letters to read', async () => {
    const name = `${'W'.repeat(48)}😀😀`
    const page = await visit('/', { viewport: phone, hasTouch: true, isMobile: true })
    await fillIn(page, name, 'a password')
    await page.goto(`${site}/login`)
    for (const box of [page.getByLabel('Name'), page.getByLabel('Password'), page.getByRole('button')]) {
      expect((await box.boundingBox())?.height).toBeGreaterThanOrEqual(44)
      // Below 16 px an iPhone zooms into the field.
      const size = await box.evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize))
      expect(size).toBeGreaterThanOrEqual(16)
    }
    await fillIn(page, name, 'a password')
    await page.getByText(welcome(name)).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width)
  })

  test.each(['light', 'dark'] as const)('the %s design is what it says', async (colorScheme) => {
    const page = await visit('/', { colorScheme, viewport: phone })
    await mkdir('.test-results', { recursive: true })
    await page.screenshot({ path: `.test-results/register-${colorScheme}.png` })
    const brightness = (selector: string, property: 'color' | 'backgroundColor') =>
      page
        .locator(selector)
        .first()
        .evaluate((element, name) => {
          const channels = getComputedStyle(element)[name].match(/\d+/g) ?? []
          return channels.slice(0, 3).reduce((sum, channel) => sum + Number(channel), 0) / 765
        }, property)
    for (const [selector, property] of [
      ['body', 'backgroundColor'],
      ['main', 'backgroundColor'],
      ['input', 'backgroundColor'],
    ] as const) {
      const isBright = (await brightness(selector, property)) > 0.5
      expect(isBright, selector).toBe(colorScheme === 'light')
    }
    expect((await brightness('h1', 'color')) > 0.5).toBe(colorScheme === 'dark')
  })

  const pages: Record<string, (page: Page) => Promise<unknown>> = {
    'the registration': (page) => page.goto(`${site}/`),
    'a registration that is refused': (page) => fillIn(page, 'Ada', 'a password'),
    'the success': (page) => fillIn(page, `Axe ${Math.random()}`, 'a password'),
    'the login': (page) => page.goto(`${site}/login`),
    'the refusal': async (page) => {
      await page.goto(`${site}/login`)
      await fillIn(page, 'Ada', 'a wrong one')
    },
    'the welcome': async (page) => {
      await page.goto(`${site}/login`)
      await fillIn(page, 'Ada', 'a password')
    },
    'a problem': (page) => page.goto(`${site}/nowhere`),
  }

  test.each(Object.entries(pages))('axe finds nothing to complain about on %s', async (_, open) => {
    const page = await visit('/')
    await open(page)
    await page.evaluate(axe.source)
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const viewport of [phone, { width: 1280, height: 800 }]) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize(viewport)
        const { violations, passes } = await page.evaluate(() => window.axe.run())
        expect(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }))).toEqual([])
        expect(passes.length).toBeGreaterThan(10)
      }
    }
  })
})

declare global {
  interface Window {
    readonly axe: typeof axe
  }
}
