import { commandLines, writtenFinding } from '../../src/lab/command-text.ts'
import type { Paper } from '../../src/terminal/paper.ts'
import { renderFinding } from '../../src/terminal/render-finding.ts'
import { createTheme, wrap } from '../../src/terminal/theme.ts'

/** Paper without colours, on which commands stand as they are. */
export function plainPaper(columns = 80): Paper {
  const theme = createTheme({ columns }, { NO_COLOR: '1' })
  return {
    width: theme.width,
    render: (finding) => renderFinding(finding, theme),
    fold: (text, indent = 0) => wrap(text, theme.width, ' '.repeat(indent)).slice(indent),
    written: (finding) => writtenFinding(finding),
    typed: (run) => commandLines(run),
  }
}
