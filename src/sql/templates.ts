import Handlebars from 'handlebars'

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
  const handlebars = Handlebars.create()
  handlebars.registerHelper('indent', (spaces: number, text: string) => indent(spaces, text))
  const prepared = new Map<string, Handlebars.TemplateDelegate>()
  return {
    render(name, context) {
      let template = prepared.get(name)
      if (template === undefined) {
        const source = sources.get(name)
        if (source === undefined) throw new Error(`no template named ${name}`)
        template = handlebars.compile(source, { noEscape: true, strict: true })
        prepared.set(name, template)
      }
      return template(context)
    },
  }
}

/** Indents every line but the first, which stands where the template put it. */
export function indent(spaces: number, text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(spaces)}`)
}
