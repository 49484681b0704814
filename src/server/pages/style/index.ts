/** The one style sheet, in the order in which its parts build on one another. */

import { colours } from './colours.ts'
import { controls } from './controls.ts'
import { frame } from './frame.ts'
import { parts } from './parts.ts'
import { pictures } from './pictures.ts'

export const styleSheet = [colours, frame, parts, controls, pictures].join('\n')
