# Everything that must hold before a change lands, without installing anything.
ready:
    .ci/run --installed
