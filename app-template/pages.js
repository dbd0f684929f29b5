// The handout's render_template(): fills in a page of templates/ and sends it. {{ … }} escapes HTML, as in Flask.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Eta } from 'eta'

const templates = new Eta({
  views: join(import.meta.dirname, 'templates'),
  defaultExtension: '.html',
  tags: ['{{', '}}'],
  parse: { exec: '%', interpolate: '', raw: '~' },
  useWith: true,
  cache: true,
})
const css = readFileSync(join(import.meta.dirname, 'static/style.css'))

export function page(reply, template, { status = 200, ...values } = {}) {
  const html = templates.render(`./${template}`, { name: '', message: '', ...values })
  return reply.code(status).type('text/html; charset=utf-8').send(html)
}

export function stylesheet(reply) {
  return reply.type('text/css; charset=utf-8').header('cache-control', 'max-age=300').send(css)
}
