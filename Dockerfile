# An image of the program alone: docker build -t sock . && docker run --rm -v "$PWD:/work" sock test tests/
FROM swift:6.3-bookworm AS build
COPY . /source
RUN /source/scripts/install --image /image

FROM scratch
COPY --from=build /image /
WORKDIR /work
ENTRYPOINT ["/usr/bin/sock"]
