"""The page and its window: one profile in memory, two origins, and no way out of them."""

from collections.abc import Callable, Iterable

from PyQt6.QtCore import QEvent, QObject, Qt, QUrl
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWebEngineCore import (
    QWebEngineCertificateError,
    QWebEngineDownloadRequest,
    QWebEngineLoadingInfo,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
)
from PyQt6.QtWebEngineWidgets import QWebEngineView

from kiosk.site_view.rules import Place, Request

Tell = Callable[..., None]
LANGUAGES = {"zh": "zh-CN,zh;q=0.9", "en": "en"}
FRAMES = frozenset({"about:blank", "about:srcdoc"})
A = QWebEngineSettings.WebAttribute
OFF = (
    A.PluginsEnabled, A.PdfViewerEnabled, A.JavascriptCanOpenWindows, A.JavascriptCanAccessClipboard,
    A.JavascriptCanPaste, A.LocalContentCanAccessFileUrls, A.LocalContentCanAccessRemoteUrls,
    A.HyperlinkAuditingEnabled,
    A.FullScreenSupportEnabled, A.ScreenCaptureEnabled, A.WebGLEnabled, A.ErrorPageEnabled, A.DnsPrefetchEnabled,
    A.NavigateOnDropEnabled, A.AllowRunningInsecureContent, A.AllowGeolocationOnInsecureOrigins,
    A.AllowWindowActivationFromJavaScript, A.SpatialNavigationEnabled,
)  # fmt: skip
ON = (A.WebRTCPublicInterfacesOnly, A.PlaybackRequiresUserGesture, A.TouchIconsEnabled)


class Guard(QWebEngineUrlRequestInterceptor):
    """Every request of the page, redirects too, before it leaves."""

    def __init__(self, request: Request, tell: Tell, parent: QObject) -> None:
        super().__init__(parent)
        self._request, self._tell = request, tell

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """To the two origins, or not at all."""
        if not self._request.may_load(info.requestUrl().toString()):
            info.block(True)
            self._tell(event="refused", what="request")


class SitePage(QWebEnginePage):
    """No other place, no window, no file, no question, no device."""

    def __init__(self, profile: QWebEngineProfile, request: Request, tell: Tell) -> None:
        super().__init__(profile)
        self._request, self._tell, self.shown = request, tell, False
        self.permissionRequested.connect(self._no_permission)
        self.certificateError.connect(self._no_certificate)
        self.fullScreenRequested.connect(lambda wish: wish.reject())
        self.registerProtocolHandlerRequested.connect(lambda wish: wish.reject())
        self.fileSystemAccessRequested.connect(lambda wish: wish.reject())
        self.desktopMediaRequested.connect(lambda wish: wish.cancel())
        self.printRequested.connect(lambda: tell(event="refused", what="printing"))

    def acceptNavigationRequest(self, url: QUrl, _kind: QWebEnginePage.NavigationType, isMainFrame: bool) -> bool:
        """Only where the terminal said; an empty frame is no place."""
        address = url.toString()
        if self._request.may_go(address) or (not isMainFrame and address in FRAMES):
            return True
        self._tell(event="refused", what="navigation")
        if isMainFrame and not self.shown:
            self._tell(event="failed", what="elsewhere")
        return False

    def createWindow(self, _kind: QWebEnginePage.WebWindowType) -> QWebEnginePage | None:
        """There is one window."""
        self._tell(event="refused", what="window")
        return None

    def chooseFiles(
        self, _mode: QWebEnginePage.FileSelectionMode, _old: Iterable[str | None], _types: Iterable[str | None]
    ) -> list[str]:
        """A stranger chooses nothing from this machine."""
        self._tell(event="refused", what="file")
        return []

    def javaScriptAlert(self, _origin: QUrl, _message: str | None) -> None:
        """A page that speaks in windows is not heard."""

    def javaScriptConfirm(self, _origin: QUrl, _message: str | None) -> bool:
        """Nobody was asked."""
        return False

    def javaScriptPrompt(self, _origin: QUrl, _message: str | None, _default: str | None) -> tuple[bool, str]:
        """Nobody was asked."""
        return False, ""

    def javaScriptConsoleMessage(
        self, _level: QWebEnginePage.JavaScriptConsoleMessageLevel, _message: str | None, _line: int, _id: str | None
    ) -> None:
        """What a page says to its makers may name its holder: nobody keeps it."""

    def _no_permission(self, permission: QWebEnginePermission) -> None:
        permission.deny()
        self._tell(event="refused", what="permission")

    def _no_certificate(self, error: QWebEngineCertificateError) -> None:
        error.rejectCertificate()
        self._tell(event="refused", what="certificate")


class SiteWindow(QWebEngineView):
    """The page, and nothing around it: bar, time and buttons are the terminal's own, beside this window."""

    def __init__(self, request: Request, tell: Tell) -> None:
        self.profile_in_memory = QWebEngineProfile()
        self._page = SitePage(self.profile_in_memory, request, tell)
        super().__init__(self._page)
        self._tell = tell
        self._prepare_profile(request, tell)
        settings = self._page.settings()
        for attribute in (*OFF, *ON):
            if settings is not None:
                settings.setAttribute(attribute, attribute in ON)
        flags = Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.Tool
        self.setWindowFlags(flags)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAcceptDrops(False)
        self._page.loadingChanged.connect(self._loading)
        self._page.renderProcessTerminated.connect(lambda *_: tell(event="failed", what="ended"))
        self._page.windowCloseRequested.connect(lambda: tell(event="closed"))
        self.load(QUrl(request.address))

    def _prepare_profile(self, request: Request, tell: Tell) -> None:
        profile = self.profile_in_memory
        profile.setHttpAcceptLanguage(LANGUAGES.get(request.language, "zh-CN"))
        profile.setSpellCheckEnabled(False)
        profile.setUrlRequestInterceptor(Guard(request, tell, profile))
        profile.downloadRequested.connect(self._no_download)

    def show_at(self, place: Place | None) -> None:
        """Where the terminal leaves room, or nowhere."""
        if place is None:
            self.hide()
            return
        self.setZoomFactor(place.zoom)
        self.setGeometry(place.x, place.y, place.width, place.height)
        self.show()
        self.raise_()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Whoever closes this window goes back to the terminal."""
        self._tell(event="closed")
        super().closeEvent(event)

    def _no_download(self, wish: QWebEngineDownloadRequest) -> None:
        wish.cancel()
        self._tell(event="refused", what="download")

    def _loading(self, info: QWebEngineLoadingInfo) -> None:
        """The first whole page is the view; a page that can't be had ends it. An error page of the site's is a page."""
        status, domain = info.status(), info.errorDomain()
        shown = domain is QWebEngineLoadingInfo.ErrorDomain.HttpStatusCodeDomain
        if status is QWebEngineLoadingInfo.LoadStatus.LoadSucceededStatus or (
            status is QWebEngineLoadingInfo.LoadStatus.LoadFailedStatus and shown
        ):
            self._tell_ready()
        elif status is QWebEngineLoadingInfo.LoadStatus.LoadFailedStatus:
            self._tell(event="failed", what="load")

    def _tell_ready(self) -> None:
        if not self._page.shown:
            self._page.shown = True
            self._tell(event="ready")


class Activity(QObject):
    """Touches of the page, told to the terminal: somebody is there."""

    PRESSES = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.Wheel})

    def __init__(self, tell: Tell) -> None:
        super().__init__()
        self._tell = tell

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Say it, change nothing."""
        if (
            event is not None
            and event.type() in self.PRESSES
            and isinstance(watched, QObject)
            and watched.isWidgetType()
        ):
            self._tell(event="activity")
        return super().eventFilter(watched, event)
