#!/usr/bin/env node
/** The server as a command. */
import { launch } from './launch.js'

launch('deltacloudd', 'src/cli/main')
