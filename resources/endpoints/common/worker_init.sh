# Commands of this site.
@@raw:setup@@
@@if container_image@@
# The workers run in a container that has all they need.
@@else@@
# The environment of the workers: whichever node comes first makes it, the others wait; later it is only used,
# and no network is needed. It has a folder for each choice of packages; remove that to make it anew.
fitgui_environment=@@path:environment_folder@@/@@key@@
if [ ! -x "$fitgui_environment/bin/python" ]; then
  mkdir -p "$(dirname "$fitgui_environment")"
  (
    flock --timeout 1800 9 || echo "fitgui: the file system knows no locks; going on without" >&2
    if [ ! -x "$fitgui_environment/bin/python" ]; then
      # Made beside its place, and put there in one step when it is whole.
      made="$fitgui_environment.$(hostname).$$"
      if @@shell:python@@ -m venv "$made" \
        && "$made/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
          @@shell:endpoint_package@@ @@shell:package@@; then
        ln -s "$made" "$made.link" && mv -T "$made.link" "$fitgui_environment"
      else
        rm -rf "$made"
      fi
    fi
  ) 9> "$fitgui_environment.lock"
fi
if [ ! -x "$fitgui_environment/bin/python" ]; then
  echo "fitgui: the environment of the workers could not be made in $fitgui_environment" >&2
  exit 1
fi
. "$fitgui_environment/bin/activate"
@@end@@
# One point at a time on each core: more threads only get in each other's way.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 BLIS_NUM_THREADS=1 NUMEXPR_NUM_THREADS=1
