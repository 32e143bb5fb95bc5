"""Static files by content: a script's imports name the content of what they import, so a kept page never mixes versions."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django's own switch for this also rewrites import("name"), which in other people's files may name no file.
IMPORTS = (
    r"""(?P<matched>(?P<head>(?:import|export)\s[^;"']*?\sfrom\s*|import\s*)["'](?P<url>\.{1,2}/[^"']+)["'])""",
    '%(head)s"%(url)s"',
)


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, with the imports of ES modules rewritten as well."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("*.js", (IMPORTS,)))
