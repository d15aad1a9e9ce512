import type { SearchResult } from '../../images/index.ts';
import type { Command } from '../command.ts';
import { formatRows } from '../output/format.ts';
import type { FormatRow } from '../output/format.ts';
import { ellipsis } from '../output/table.ts';

const DEFAULT_LIMIT = 25;
const DESCRIPTION_CELLS = 45;

export const searchCommand: Command = {
  names: ['search'],
  usage: '[OPTIONS] TERM',
  summary: 'search',
  flags: {
    filter: {
      short: 'f',
      type: 'filter',
      description: 'Filter output based on conditions provided',
      completes: [
        'is-automated=false',
        'is-automated=true',
        'is-official=false',
        'is-official=true',
        'stars=',
      ],
    },
    format: { type: 'string', description: 'Pretty-print search using a Go template' },
    limit: { type: 'number', default: String(DEFAULT_LIMIT), description: 'Max number of search results' },
    'no-trunc': { type: 'boolean', description: "Don't truncate output" },
  },
  args: { min: 1, max: 1 },
  async run({ app, stdout, signal }, parsed) {
    const [term = ''] = parsed.args;
    const limit = parsed.number('limit') ?? DEFAULT_LIMIT;
    const results = await app.search(term, { limit, filters: parsed.filters('filter'), brief: true, signal });
    stdout.write(formatSearch(term, results, parsed.value('format') ?? '', parsed.isSet('no-trunc')));
    return 0;
  },
};

/** docker/cli command/registry, formatter_search.go */
function formatSearch(
  term: string,
  results: readonly SearchResult[],
  format: string,
  whole: boolean,
): string {
  const table = 'table {{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}\t{{.IsAutomated}}';
  return formatRows({
    format,
    table,
    typeName: 'registry.searchContext',
    unexported: ['trunc', 'json', 's'],
    headings: {
      Name: 'NAME',
      Description: 'DESCRIPTION',
      StarCount: 'STARS',
      IsOfficial: 'OFFICIAL',
      IsAutomated: 'AUTOMATED',
    },
    rows: results.map((result): FormatRow => ({
      Name: shownName(term, result.name),
      Description: whole ? result.description : ellipsis(result.description, DESCRIPTION_CELLS),
      StarCount: String(result.stars),
      IsOfficial: mark(result.official),
      IsAutomated: mark(result.automated),
    })),
  });
}

/** Docker shows names as the registry that was asked has them, without its host. */
function shownName(term: string, name: string): string {
  const [host = ''] = /^(?:localhost|[^/]*[.:][^/]*)\//.exec(term.toLowerCase()) ?? [];
  return name.startsWith(host) ? name.slice(host.length) : name;
}

function mark(value: boolean): { readonly shown: string; readonly json: string } {
  return { shown: value ? '[OK]' : '', json: String(value) };
}
