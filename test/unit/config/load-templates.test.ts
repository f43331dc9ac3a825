import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { builtInTemplates, loadTemplates } from '../../../src/config/load-templates.ts'
import { temporaryProject } from '../../support/temporary-project.ts'

const load = (projectDir: string) =>
  loadTemplates({
    projectDir,
    paths: { models: '', seeds: '', target: '', templates: join(projectDir, 'templates') },
  })

test('a template of the project replaces the built-in of its name', () => {
  const { templates, problems } = load(temporaryProject({ 'templates/trait.sql.hbs': 'select 1' }))
  expect(problems).toEqual([])
  expect(templates.get('trait')).toBe('select 1')
  expect(templates.get('audience')).toBe(readFileSync(join(builtInTemplates, 'audience.sql.hbs'), 'utf8'))
})

test('names of templates in folders have forward slashes', () => {
  expect([...load(temporaryProject({})).templates.keys()].some((name) => name.startsWith('identity/'))).toBe(
    true,
  )
})

test('a name that is no built-in is a problem with the nearest', () => {
  const { problems } = load(temporaryProject({ 'templates/audiance.sql.hbs': '' }))
  expect(problems).toMatchObject([
    { code: 'PSN1040', parameters: { template: 'audiance', near: 'audience' } },
  ])
})

test('the package may be the project', () => {
  expect(load(dirname(builtInTemplates)).problems).toEqual([])
})
