/** Every text of the image panel, in the person's language; the host writes them into the page. `{0}` stands for a value. */
export interface PanelStrings {
  readonly panelLabel: string;
  readonly tabOverview: string;
  readonly tabLayers: string;
  readonly tabHistory: string;
  readonly tabInspect: string;
  /** `{0}`: the tab's name, `{1}`: a count. For screen readers. */
  readonly tabWithCount: string;

  readonly loading: string;
  readonly untagged: string;
  /** `{0}`: the name of what is copied. */
  readonly copyThing: string;
  readonly copied: string;
  readonly none: string;
  readonly unknown: string;
  /** `{0}` bytes, written out. */
  readonly bytes: string;
  readonly moreNames: string;

  readonly name: string;
  readonly names: string;
  readonly imageId: string;
  readonly manifestDigest: string;
  readonly platform: string;
  readonly created: string;
  /** `{0}`: "2 months ago" */
  readonly createdRelative: string;
  readonly size: string;
  readonly sizeHelp: string;
  readonly compressedSize: string;
  readonly compressedSizeHelp: string;
  readonly author: string;
  readonly oneLayer: string;
  /** `{0}`: a count. */
  readonly manyLayers: string;
  readonly repoDigests: string;

  readonly identity: string;
  readonly configuration: string;
  readonly entrypoint: string;
  readonly command: string;
  readonly workingDirectory: string;
  readonly user: string;
  readonly userDefault: string;
  readonly exposedPorts: string;
  readonly volumes: string;
  readonly stopSignal: string;
  readonly shell: string;
  readonly healthcheck: string;
  readonly onBuild: string;
  readonly environment: string;
  readonly labels: string;

  readonly layersLabel: string;
  /** `{0}`: "3 layers", `{1}`: size, `{2}`: compressed size. */
  readonly layersSummary: string;
  /** `{0}`: number, `{1}`: count, `{2}`: size, `{3}`: share, `{4}`: command. For screen readers. */
  readonly layerLabel: string;
  readonly layerShare: string;
  readonly digest: string;
  readonly diffId: string;
  readonly createdBy: string;
  readonly noCommand: string;
  readonly noLayers: string;

  readonly historyLabel: string;
  readonly columnImage: string;
  readonly columnComment: string;
  readonly missing: string;
  readonly showCommand: string;
  readonly hideCommand: string;
  readonly noHistory: string;

  readonly inspectLabel: string;
  readonly copyJson: string;
  readonly openDocument: string;

  readonly goneTitle: string;
  /** `{0}`: name or short ID. */
  readonly goneNamed: string;
  readonly goneUnnamed: string;
  /** `{0}`: the name. */
  readonly nameMoved: string;
  readonly showNamed: string;
  readonly pullAgain: string;
  readonly pulling: string;
  readonly failedTitle: string;
  readonly tryAgain: string;
  readonly timedOut: string;
  readonly closed: string;
}
