import type { ImageInspect } from '../../images/index.ts';
import { anyFromJson, fromJson, TemplateError } from '../../template/index.ts';
import type { Template, Value } from '../../template/index.ts';
import { orFormatError, parseFormat } from './format.ts';
import { IMAGE_INSPECT } from './formatInspectTypes.ts';

/** The exit code of a template of inspect that cannot be parsed. */
const EXIT_BAD_TEMPLATE = 64;

/** `docker inspect --format` over one image after the other. */
export interface InspectTemplate {
  /**
   * What the template prints of an image, and a line end.
   * @throws FormatError for this image; others may follow
   */
  print(image: ImageInspect): string;
}

/**
 * Parses the template of `inspect -f` (docker/cli cli/command/inspect/inspector.go). An empty text is no template:
 * there docker prints JSON.
 *
 *     const template = inspectTemplate('{{.Id}} {{json .Config.Env}}');
 *     for (const image of images) stdout.write(template.print(image));
 *
 * Docker prints what it has of all images, or an empty line where that is nothing; after it all the failures, each on
 * its line, and ends with 1.
 *
 * @throws FormatError with exit code 64
 */
export function inspectTemplate(text: string): InspectTemplate {
  const template = parseFormat(text, EXIT_BAD_TEMPLATE);
  // Once docker has tried the raw JSON of one image, lacking keys stay errors for all that follow.
  let missingKeyFails = false;
  const onRaw = (image: ImageInspect): string => {
    missingKeyFails = true;
    return orFormatError(1, () => execute(template, anyFromJson(image), missingKeyFails));
  };
  return {
    print(image) {
      try {
        return execute(template, fromJson(IMAGE_INSPECT, image), missingKeyFails);
      } catch (error) {
        if (error instanceof TemplateError) return onRaw(image);
        throw error;
      }
    },
  };
}

function execute(template: Template, data: Value, missingKeyFails: boolean): string {
  return `${template.execute(data, { missingKeyFails })}\n`;
}
