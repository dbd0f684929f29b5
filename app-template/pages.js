// The handout's render_template(): fills in a page of templates/ and sends it. {{ … }} escapes HTML, as in Flask.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Eta } from 'eta'

const folder = join(import.meta.dirname, 'templates')
const css = readFileSync(join(import.meta.dirname, 'static/style.css'))
const templates = new Eta({
  tags: ['{{', '}}'],
  parse: { exec: '%', interpolate: '', raw: '~' },
  functionHeader: "const { title, body, username, name = '', message = '' } = it",
})
for (const file of readdirSync(folder)) {
  templates.loadTemplate(`@${file}`, readFileSync(join(folder, file), 'utf8'))
}

export function page(reply, template, { status = 200, ...values } = {}) {
  const html = templates.render(`@${template}.html`, values)
  return reply.code(status).type('text/html; charset=utf-8').send(html)
}

export function stylesheet(reply) {
  return reply.type('text/css; charset=utf-8').header('cache-control', 'max-age=300').send(css)
}
