import { createColors } from 'picocolors'
import type { UnitTest } from '../../definitions/definitions.ts'
import { type Problem, problem } from '../../diagnostics/problem.ts'
import { type DataTestResult, runDataTests } from '../../runner/data-tests.ts'
import { globMatches } from '../../runner/select/glob.ts'
import { selectNodes } from '../../runner/select/select-nodes.ts'
import { runUnitTest, type UnitTestResult } from '../../runner/unit-tests/run-unit-test.ts'
import { reportProblems } from '../failure.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { openProject, withAdapter } from '../project.ts'
import { renderTable } from '../render-table.ts'
import { personasVersion } from '../version.ts'

export const test: CommandBody = async (invocation) => {
  const project = openProject(invocation)
  const { config, definitions } = project
  const { options, output, signal } = invocation
  const paint = createColors(output.color.out)
  let passed = 0
  let failed = 0
  const line = (ok: boolean, name: string): void => {
    if (ok) passed += 1
    else failed += 1
    const word = ok ? paint.green('PASS') : paint.red('FAIL')
    output.result(`${word}  ${name}`)
  }

  const where = options.target === undefined ? 'memory' : 'target'
  for (const unitTest of chosenTests(invocation, definitions.unitTests)) {
    signal.throwIfAborted()
    const version = personasVersion()
    const result = await runUnitTest({ project, test: unitTest, where, signal, version })
    const found = unitProblems(unitTest, result)
    line(found.length === 0, `unit test: ${result.name}`)
    if (result.differences.length > 0) output.result(`${renderDifferences(result)}\n`)
    reportProblems(found, output, config.projectDir)
  }

  signal.throwIfAborted()
  const results = await withAdapter(config, (adapter) => runDataTests(adapter, config.target.schema))
  let absent = 0
  for (const result of results.filter(({ name }) => isChosen(invocation, name))) {
    if (result.status === 'absent') absent += 1
    else line(result.status === 'pass', `data test: ${result.name}`)
    reportProblems(dataProblems(result), output, config.projectDir)
  }
  if (absent > 0) {
    output.log(
      'absent',
      `${absent} data tests have no table in schema ${config.target.schema} yet: run \`personas run\` first`,
    )
  }
  // Of a build, selectors choose nodes as well.
  if (invocation.command === 'test' && options.select.length > 0 && passed + failed + absent === 0) {
    reportProblems([problem('PSN5022', { selector: options.select.join(' ') })], output, config.projectDir)
  }
  output.result(`${passed} passed, ${failed} failed`)
  return failed === 0 ? exitCode.done : exitCode.problems
}

function chosenTests({ options }: Invocation, tests: readonly UnitTest[]): readonly UnitTest[] {
  const matches = (test: UnitTest, texts: readonly string[]): boolean =>
    texts.some((text) => globMatches(test.name, text)) || answers(test, texts)
  return tests.filter(
    (test) =>
      (options.select.length === 0 || matches(test, options.select)) && !matches(test, options.exclude),
  )
}

/** As a node's name, tag, owner or path would answer to a selector. */
function answers(test: UnitTest, texts: readonly string[]): boolean {
  if (texts.length === 0) return false
  const { name, tags, meta, owner, span } = test
  const node = {
    id: `unit_test.${name}`,
    type: 'source' as const,
    name,
    tags,
    meta,
    dependsOn: [],
    columns: [],
    steps: [],
    origin: { file: span.file, line: span.line },
    ...(owner === undefined ? {} : { owner }),
  }
  return selectNodes([node], texts, []).ids.length > 0
}

function isChosen({ options }: Invocation, name: string): boolean {
  const matches = (texts: readonly string[]): boolean => texts.some((text) => globMatches(name, text))
  return (options.select.length === 0 || matches(options.select)) && !matches(options.exclude)
}

function unitProblems(test: UnitTest, { problems, differences }: UnitTestResult): readonly Problem[] {
  if (problems.length > 0) {
    const errors = problems.filter(({ severity }) => severity === 'error')
    return [problem('PSN5020', { test: test.name }), ...errors]
  }
  if (differences.length === 0) return []
  return [problem('PSN5007', { test: test.name, differences: differences.length }, test.nameSpan)]
}

function dataProblems({ name, status, rows, samples }: DataTestResult): readonly Problem[] {
  return status === 'fail' ? [problem('PSN5008', { test: name, rows, samples })] : []
}

function renderDifferences({ differences }: UnitTestResult): string {
  return renderTable(
    [{ head: '' }, { head: 'expected' }, { head: 'actual' }],
    differences.map(({ what, expected, actual }) => [`  ${what}`, expected, actual]),
  )
}
