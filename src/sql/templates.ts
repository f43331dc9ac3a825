import { createRequire } from 'node:module'
import type Handlebars from 'handlebars'

const require = createRequire(import.meta.url)

/** SQL shapes by template name, for example `trait` or `identity/edges`. */
export interface Templates {
  /** @throws Error if no template has that name, or the context lacks a name it uses (strict mode) */
  render(name: string, context: object): string
}

/**
 * Prepares Handlebars templates for rendering SQL: no HTML escaping, strict names, `{{indent n text}}` the one helper.
 *
 * @param sources template name → text; a project's own templates have already replaced the built-in ones
 */
export function prepareTemplates(sources: ReadonlyMap<string, string>): Templates {
  let handlebars: typeof Handlebars | undefined
  const prepared = new Map<string, Handlebars.TemplateDelegate>()
  return {
    render(name, context) {
      let template = prepared.get(name)
      if (template === undefined) {
        const source = sources.get(name)
        if (source === undefined) throw new Error(`no template named ${name}`)
        handlebars ??= loadHandlebars()
        template = handlebars.compile(source, { noEscape: true, strict: true })
        prepared.set(name, template)
      }
      return template(context)
    },
  }
}

/** Loaded where something is rendered: often all of a project is as it was. */
function loadHandlebars(): typeof Handlebars {
  const library: typeof Handlebars = require('handlebars')
  const handlebars = library.create()
  handlebars.registerHelper('indent', (spaces: number, text: string) => indent(spaces, text))
  return handlebars
}

/** Indents every line but the first, which stands where the template put it. */
export function indent(spaces: number, text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(spaces)}`)
}
