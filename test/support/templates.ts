import { builtInTemplates, loadTemplates } from '../../src/config/load-templates.ts'
import { prepareTemplates } from '../../src/sql/templates.ts'

/** Those of the package, ready to be rendered. */
export const templates = prepareTemplates(
  loadTemplates({
    projectDir: builtInTemplates,
    paths: { models: '', templates: builtInTemplates, seeds: '', target: '' },
  }).templates,
)
